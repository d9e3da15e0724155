"""What English questions want of the collection: "Which articles are about …?", "How many articles mention …?"."""

import re

from qa.language.tables import RequestPatterns
from qa.types import Wanted

_MANY = r"(?:(?:news )?(?:articles|stories|pieces)|news (?:reports|items)|op-eds|editorials|coverage)"
"""Not "reports", "documents" and "posts": those in the news are mostly meant."""

_ONE = r"(?:(?:news )?(?:article|story|piece|column|item)|news report|op-ed|editorial|write-?up|(?:blog )?post)"
_ANY = rf"(?:{_MANY}|{_ONE})"

_ALL = r"(?:(?:all|every|any|some|the|your|those|these|other|more|further|of|an?|a list of|only|just|recent) )*"
_THAT = r"(?:(?:that|which|who) )?(?:are |is |were |was )?(?:mainly |mostly |only |all |also )?"
_ABOUT = (
    rf"{_THAT}(?:(?:written |published )?(?:about|on|regarding|concerning)|cover(?:s|ed|ing)?|discuss(?:es|ed|ing)?"
    r"|deal(?:s|t|ing)? with|talk(?:s|ed|ing)? about|focus(?:es|ed|ing)? on|concern|report(?:s|ed|ing)? on"
    r"|relat(?:e|es|ed|ing) to|address(?:es|ed|ing)?|describ(?:e|es|ed|ing))"
)
_TOPIC = r"(?P<topic>.+)"
_HOLDING = (
    rf"{_THAT}(?:mention(?:s|ed|ing)?|refer(?:s|red|ring)? to|nam(?:e|es|ed|ing)|cit(?:e|es|ed|ing)"
    r"|(?:contain|hold|includ|us|hav|say|with)(?:s|e|es|ed|ing)? the (?:exact )?(?:words?|names?|terms?|phrase)"
    r"|contain(?:s|ed|ing)?)"
)
_WORDS = r"(?:the (?:exact )?(?:words?|names?|terms?|phrase) )?(?P<words>.+)"
_BY = r"(?:(?:that |which )?(?:are |is |were |was )?(?:written |authored |published |reported )?by|from the pen of)"
_AUTHOR = r"(?P<author>(?:(?! about ).)+)(?: about (?P<topic>.+))?"
_WRITER = r"(?P<writer>.+)"
_WROTE = r"(?:written|write|wrote|authored|published)"

_COLLECTION = r"(?:(?:the|this|your|my|our) )?(?:index|collection|folder|archive|library|corpus|database|here)"
_YOU_HAVE = r"(?:do you have|have you(?: got)?|are there|do you know(?: of)?|can you find|did you find|exist|is there)"
_GET = (
    r"(?:list|show|give|find|get|display|search(?: for)?|(?:bring|pull) up|fetch|name|see|read|need|want"
    r"|look(?:ing)? for|send|i(?: am|'m) looking for|i (?:want|need)(?: to (?:see|read))?"
    r"|i(?:'d| would) like(?: to (?:see|read))?)(?: me| us)?"
)
_HAVE_ANY = r"(?:do you have|have you(?: got)?|are there|is there|got|can you find)"

_IN_ALL = rf"(?: (?:in total|altogether|overall|in all|there|(?:in|from) {_COLLECTION}|here|now))*"
_ASKED_FOR = (
    rf"(?:(?:which|what)(?: (?:of|from) (?:the|your|these))?(?: other)? {_MANY}(?: {_YOU_HAVE}| have you)?"
    rf"|(?:{_GET} |{_HAVE_ANY} )?{_ALL}{_ANY}(?: (?:you have|there are|there is))?)"
)
_HOW_MANY = (
    rf"(?:how many|count|(?:what is|what's|give me|tell me) the number of)(?: of)?(?: (?:the|your|these|all))*"
    rf" {_MANY}(?: {_YOU_HAVE})?"
)
_EVERYTHING = (
    rf"(?:(?:{_GET}|tell me|{_HAVE_ANY}) (?:everything|all|anything|whatever|something)|everything|anything"
    r"|what (?:else )?(?:do you have|have you got|is there))"
    r"(?: (?:(?:that )?(?:you have|you've got|there is)|written))?"
)

_THIS = (
    rf"(?:(?:this|that|the|your)(?: (?:current|open|last|same|whole|entire))? {_ONE}"
    r"|(?:this|that) (?:report|text|page|document)|this|that|it)"
)
_SUM_UP = (
    r"(?:summari[sz]e|sum up|recap|condense|outline|abridge|tl;?dr(?: (?:of|for))?:?"
    r"|(?:(?:give|write|show|tell|make|provide|get)(?: me| us)? )?(?:an? |the )?"
    r"(?:(?:short|brief|quick|concise|rough|general|one-paragraph|one-sentence|two-sentence) )*"
    r"(?:summary|gist|overview|synopsis|recap|digest|outline|main points?|key points?|rundown|essence|upshot)"
    r"(?: of| for| on| about| in)?"
    r"|what(?:'s|’s| is| are| was| were) the (?:main |key |central )?"
    r"(?:gist|summary|points?|ideas?|takeaways?|upshot|essence|message) (?:of|in))"
)
_ABOUT_ONE = r"(?:about|on|regarding|concerning|covering|titled|called|entitled|headlined|in which|where|that|with)"
_NAMED = rf"(?:the|that|an?|your) (?:[\w-]+ ){{0,2}}?{_ONE} {_ABOUT_ONE} (?P<topic>.+)"
_IS = r"(?:'s|’s| is| was)"
_QUOTED = r"[\"“”«](?P<title>[^\"“”»]+)[\"“”»]"
_PUBLISHED = r"(?:written|authored|published|posted|released|printed|dated|put out|come out|appear)"
_QUOTED = r"[\"“”«](?P<title>[^\"“”»]+)[\"”“»]"

Patterns = tuple[tuple[Wanted, re.Pattern[str]], ...]


def _of(wanted: Wanted, *patterns: str) -> Patterns:
    """Each pattern by itself: a group has its name once in one."""
    return tuple((wanted, re.compile(rf"\A(?:{pattern})\Z", re.IGNORECASE)) for pattern in patterns)


_PRODUCT = (
    *_of(
        Wanted.GREETING,
        r"(?:(?:oh |well )?(?:hi|hello|hey|hiya|howdy|greetings|good (?:morning|afternoon|evening|day))"
        r"(?: (?:there|again|all|everyone|everybody|you|bot|robot|assistant|articleqa|friend))*[,.! ]*)+"
        r"(?:how are you(?: (?:doing|today))*|how do you do|nice to meet you)?",
        r"how are you(?: (?:doing|today))*",
    ),
    *_of(
        Wanted.THANKS,
        r"(?:(?:ok|okay|great|perfect|good|super|nice|cool|yes|no)[,.! ]+)*"
        r"(?:many thanks|thanks|thank you|thx|ty|cheers|much appreciated)"
        r"(?: (?:a lot|a million|so much|very much|again|indeed|you|for (?:your|the|all your) (?:help|answers?)))*",
    ),
    *_of(Wanted.FAREWELL, r"(?:ok |okay )?(?:bye(?:[ -]bye)?|goodbye|good night|see you(?: later| soon)?|farewell)"),
    *_of(
        Wanted.HELP,
        r"help(?: me)?",
        r"(?:so |and )?what (?:can|do|could) you (?:do|answer|help (?:me )?with|offer)(?: for me| here)?",
        r"what (?:can|could|should|may) i (?:ask|do|search|find)(?: (?:you|here|for))*",
        r"(?:so |and )?(?:who|what) are you",
        r"what(?:'s|’s| is) this (?:tool|site|app|chat|thing|website|program|assistant|bot)(?: for)?",
        r"how (?:do|can|should) i (?:use|ask|search)(?: (?:this|you|it|questions?|here|tool|app|chat))*",
        r"how (?:does|do) (?:this|it|you)(?: (?:tool|site|app|chat|thing|bot))? work",
        r"what kinds? of questions? can (?:i ask|you answer)(?: you)?",
        r"are you (?:an? )?(?:human|person|bot|robot|ai|chatbot|machine|language model|real)",
    ),
)

_HEADERS = (
    *(
        entry
        for named in (_NAMED, _QUOTED)
        for entry in (
            *_of(
                Wanted.AUTHOR,
                rf"who (?:wrote|authored|penned) {named}",
                rf"who{_IS} (?:the )?(?:author|writer|reporter|journalist) (?:of|behind|for) {named}",
                rf"(?:by whom|who){_IS} {named} (?:written |authored |reported )?by",
                rf"by whom{_IS} {named} (?:written|authored)",
                rf"what{_IS} the (?:name of the )?(?:author|writer|reporter|byline) (?:of|on|for) {named}",
            ),
            *_of(
                Wanted.PUBLISHED,
                rf"(?:when|on (?:what|which) (?:date|day)|what (?:date|day|year)|in (?:what|which) year) (?:was|is|did)"
                rf" {named} {_PUBLISHED}",
                rf"what{_IS} the (?:publication )?date (?:of publication )?(?:of|on|for) {named}",
                rf"how old is {named}",
            ),
        )
    ),
    *_of(
        Wanted.TITLE,
        rf"what{_IS} (?:the )?(?:title|headline|name) (?:of|for|on) {_NAMED}",
        rf"what(?:'s|’s| is) {_NAMED} (?:called|titled|headlined|entitled)",
    ),
)

_SUMMARIES = (
    *_of(
        Wanted.SUMMARIES,
        rf"{_SUM_UP} {_ALL}{_MANY}(?: (?:you have|there are))? {_ABOUT} {_TOPIC}",
        rf"what do (?:the |your )?{_MANY} {_ABOUT} (?P<topic>.+) say",
        rf"what are (?:the |your )?{_MANY} {_ABOUT} (?P<topic>.+) about",
    ),
    *_of(
        Wanted.SUMMARY,
        rf"what{_IS} {_THIS}(?: all| mainly| mostly| really)? about",
        rf"{_SUM_UP} {_THIS}(?: for me| briefly| in (?:short|brief|(?:a|one|two|three|a few) sentences?))*",
        rf"what does {_THIS} say|what{_IS} {_THIS} saying",
        r"tl;?dr",
        rf"what{_IS} {_NAMED} (?:all |mainly |mostly |really )?about",
        rf"what does {_NAMED} say",
        rf"{_SUM_UP} (?:the|that|an?|your) (?:[\w-]+ ){{0,2}}?{_ONE} (?:{_ABOUT_ONE}|of) {_TOPIC}",
        rf"{_SUM_UP} (?:the |that |your )?(?P<topic>.+) {_ONE}",
        rf"(?:summari[sz]e|sum up|recap|(?:give|write|show)(?: me| us)? an? (?:(?:short|brief|quick|concise) )*"
        rf"(?:summary|overview|synopsis|recap) (?:of|on)) {_TOPIC}",
    ),
)

_COUNTS = _of(
    Wanted.COUNT,
    rf"{_HOW_MANY} {_BY} (?P<author>(?:(?! about | on ).)+)(?: (?:about|on) {_TOPIC})?(?: {_YOU_HAVE})?",
    rf"{_HOW_MANY} (?:has|have|did) {_WRITER} {_WROTE}",
    rf"{_HOW_MANY} {_HOLDING} {_WORDS}",
    rf"{_HOW_MANY} {_ABOUT} (?P<topic>.+?)(?: {_YOU_HAVE})?",
    r"(?:how many|what is the number of|count) (?:(?:the|your|all) )*(?:news )?(?:articles|stories|texts|documents)"
    rf" (?:{_YOU_HAVE}|do you (?:hold|index|search)|(?:are )?in {_COLLECTION}|have you (?:read|indexed)|are indexed"
    rf"|does {_COLLECTION} (?:have|hold|contain)|can (?:you|i) (?:search|ask|read)){_IN_ALL}",
    r"how (?:big|large) is (?:the|this|your) (?:index|collection|archive|library|corpus)",
)

_LISTS = _of(
    Wanted.ARTICLES,
    rf"what (?:has|have) been (?:written|published) (?:about|on|regarding) {_TOPIC}",
    rf"{_ASKED_FOR} {_BY} {_AUTHOR}",
    rf"what (?:else )?(?:has|have|did|does) {_WRITER} {_WROTE}",
    rf"what (?:else )?(?:has|have) (?P<writer>.+) {_WROTE} (?:about|on) {_TOPIC}",
    rf"(?:which|what) {_MANY} (?:has|have|did|does) {_WRITER} {_WROTE}",
    rf"(?:has|have|did|does) {_WRITER} {_WROTE} (?:anything|something|any {_MANY}|an {_ONE})(?: else)?",
    rf"{_EVERYTHING} by {_AUTHOR}",
    rf"{_ASKED_FOR} {_HOLDING} {_WORDS}",
    rf"{_EVERYTHING} (?:that )?mention(?:s|ing)? {_WORDS}",
    rf"{_ASKED_FOR} {_ABOUT} (?P<topic>.+?)(?: (?:{_YOU_HAVE}|you have))?",
    rf"{_EVERYTHING} (?:about|on|regarding|concerning) {_TOPIC}",
    rf"(?:(?:which|what) articles {_YOU_HAVE}|{_GET} (?:all|the|your|all the|all your|all of the|every) articles?)"
    rf"(?: you have)?{_IN_ALL}",
)

REQUESTS = RequestPatterns(
    courtesy=re.compile(
        r"\A(?:(?:please|pls|kindly|ok|okay|so|now|and|hi|hello|hey|(?:can|could|would|will) you(?: please)?"
        r"|(?:can|could|may) i (?:see|have|get)|i(?:'d| would) like (?:you )?to)(?:[ ,:!.]+|\Z))+(?=\w)"
        r"|(?<![ ,])[ ,]+(?:please|pls|for me|to me|thanks|thank you)\Z",
        re.IGNORECASE,
    ),
    wanted=(*_PRODUCT, *_HEADERS, *_SUMMARIES, *_COUNTS, *_LISTS),
    name_joint=re.compile("of(?: the)?|for|de|von|van|al"),
)
