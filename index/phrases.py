"""What publishers write around articles in English, as data: how such lines start and what they hold.

Only what form and place don't tell (`index.structure`) and what folders don't show (`index.repeated`). Other
languages have no list yet: there the rules that know no words have to do.

All is compared with a line in lower case, its apostrophes straight and its spaces single.
"""

STARTS = (
    *("read more", "read also", "also read", "read next", "read the full", "read:", "see also", "see more", "more:"),
    *("more from", "more on ", "more coverage", "learn more:", "related:", "related stor", "related article", "watch:"),
    *("listen:", "live updates:", "live blog:", "podcast:", "podcasts:", "gallery:", "photo gallery"),
    *("opinion:", "fact check:", "from the archive", "catch up on", "you may also", "you might also", "don't miss"),
    *("sign up", "sign-up", "subscribe", "follow us", "like us", "join our", "download the", "download our"),
    *("get the latest", "get our ", "like knowing what", "would you like to receive", "need a break?"),
    *("thank you for supporting", "thanks for listening", "thanks for reading", "support local journalism"),
    *(
        "hit play on",
        "prep for the polls",
        "offer from",
        "advertisement",
        "sponsored content",
        "copyright",
        "©",
        "(c) 20",
    ),
    *("all rights reserved", "click here", "share this", "most read", "recommended for you", "filed under", "tags:"),
    *("editor's note", "editors' note", "a version of this", "this article originally", "this story originally"),
    *(
        "this article was originally",
        "this story was originally",
        "this story has been updated",
        "this is a developing",
    ),
    *("contributing:", "contributing;", "with contributions from", "additional reporting by", "reporting by"),
    *("the associated press contributed", "associated press contributed", "opinions expressed", "views expressed"),
)
"""How lines start that are not of the article, however they go on."""

STARTS_WITH_ADDRESS = ("contact ", "reach ", "email ", "e-mail ", "follow ", "write to ", "send ", "tweet ", "find ")
"""The same, if an address of mail, the web or a social network follows."""

NETWORKS = ("on facebook", "on twitter", "on instagram", "on x,", "on x ", "on youtube", "on tiktok", "on threads")

HOLDS = (
    *("sign up here", "sign up for free", "sign up today", "sign up now", "to your inbox", "in your inbox"),
    *("into your inbox", "click here", "clicking here", "privacy policy", "terms of service", "terms of use"),
    *("all rights reserved", "follow us on", "follow him on", "follow her on", "follow them on", "on twitter @"),
    *("on twitter: @", "to subscribe,", "subscribe to our", "a subscriber to", "digital subscription"),
    *("contributed to this report", "contributed to this story", "contributed to this article"),
    *("originally appeared", "originally published on", "was first published", "is a content partner"),
    *("content partner offering", "editorially independent", "independently of usa today", "disclosure policy"),
    *("earn a commission", "receive commission", "affiliate link", "use of cookies", "we use cookies"),
    *("join our facebook", "send letters to", "letters to the editor should be", "use of your data"),
    *(
        "is supported in part by a grant",
        "newsletter provides",
        "newsletter subscription",
        "live updates:",
        "listen back",
    ),
)
"""What such lines hold, if they are no longer than a paragraph and nobody says it in the article."""

CAPTION_STARTS = (
    *("photo:", "photo by", "photos by", "photograph:", "photos of the", "image:", "image credit", "images:"),
    *("picture:", "pictured:", "pictured,", "file -", "file –", "file —", "file photo", "file image", "video:"),
    *("illustration:", "illustration by", "graphic:", "caption:", "figure ", "fig. ", "map:"),
)
CAPTION_ENDS = (
    *("(ap photo", "getty images", "/ap photo", "via ap)", "via reuters", "/reuters"),
    *("afp via", "adobe stock", "shutterstock", "istock", "source: cnn", "photo courtesy", "courtesy photo", "/afp"),
    *("staff photo", "image courtesy", "imagn images", "alamy", "file photo"),
)
GALLERY_HOLDS = ("hide caption", "show caption")
"""How captions start, what picture credits at their ends hold, and what whole galleries in one line do."""
