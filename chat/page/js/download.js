// A text from the server in, a file that the browser saves out.

export function start({ element, props, watch }) {
  watch("value", () => {
    const text = element.querySelector(".download");
    if (!text) return;
    const url = URL.createObjectURL(new Blob([text.dataset.text]));
    Object.assign(document.createElement("a"), { href: url, download: text.dataset.name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    props.value = ""; // so that the same text can be saved again
  });
}
