// What is open, in the address of the page: so that it can be handed on. No elements here.

/** The address of the page with an article and lines of it: "10" or "10-12". */
export function addressOf(href, article, lines) {
  const url = new URL(href);
  url.search = "";
  if (article) url.searchParams.set("article", article);
  if (lines) url.searchParams.set("lines", lines);
  return url.href;
}

/** What the query of an address asks to open, if anything. */
export function wantedIn(query) {
  const wanted = new URLSearchParams(query);
  const article = wanted.get("article");
  return article ? { article, lines: wanted.get("lines") ?? "" } : null;
}
