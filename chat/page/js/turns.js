// A turn of the page in, the question that it was, or another one made of it, out. No elements here.

/** A question as it was asked, with its filters: what a tab keeps of it. `data` is what the turn has as data-…. */
export function asAsked(question, data) {
  const { literally, ...filters } = data;
  return { question, ...filters, ...(literally === "true" && { literally: true }) };
}

/** The same question as it is written, in the place of turn `turn`; as a new one if that is null. */
export const literally = (asked, turn) => ({ ...asked, literally: true, turn });
