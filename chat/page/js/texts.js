// What the page says of its state. No elements here.

/** Which articles are asked, by the values of the filters; empty for all. */
export function filterText({ since, until, author, article }) {
  const parts = [since && `from ${since}`, until && `to ${until}`, author && `by ${author}`, article && `in ${article}`];
  const told = parts.filter(Boolean).join(", ");
  return told && `Only ${told}`;
}

/** How many questions wait; empty for none. */
export const waitingText = (count) =>
  ["", "A question waits for its turn."][count] ?? `${count} questions wait for their turns.`;

/** What becomes of a conversation when its turn (from 0) is asked again. */
export const editingText = (turn) => `Asking question ${turn + 1} again; what came after it goes.`;

/** Which of so many marked places (from 0) is shown, and its lines: "10" or "10-12". */
export function stepText(at, count, lines) {
  const told = lines?.includes("-") ? `lines ${lines}` : `line ${lines}`;
  return count > 1 ? `${at + 1} of ${count} · ${told}` : told;
}
