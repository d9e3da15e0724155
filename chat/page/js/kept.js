// The questions of its conversation that a tab keeps, to ask them again when the page is loaded again.

const NAME = "articleqa.questions";

/** Reads and writes them in what `storage` gives. A browser may refuse to keep anything; then a reload begins anew. */
export function keptIn(storage) {
  return {
    read() {
      try {
        return JSON.parse(storage().getItem(NAME)) ?? [];
      } catch {
        return [];
      }
    },
    write(questions) {
      try {
        storage().setItem(NAME, JSON.stringify(questions));
      } catch {}
    },
  };
}
