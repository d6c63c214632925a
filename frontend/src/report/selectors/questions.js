/** The levers' questions to the user: open ones first, those with the largest saving first. */
export function listQuestions(report) {
  const found = report.levers.flatMap((lever) => lever.questions ?? []);
  return found.sort((a, b) => (a.answer !== null) - (b.answer !== null) || b.saving - a.saving);
}

const PLACE = "{value}";

/** The numbers that would change a saving: open ones first. Levers without one ask for theirs where they are opened. */
export function listQuantities(report) {
  const found = report.levers.filter((lever) => lever.saving !== null).flatMap((lever) => lever.quantities ?? []);
  return found.sort((a, b) => (a.answer !== null) - (b.answer !== null));
}

/** The message that gives a number, or null for a text that is no positive number. */
export function fillReply(quantity, typed) {
  const trimmed = typed.trim().replace(/^\$\s*/, "");
  const plain = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(trimmed) ? trimmed.replaceAll(",", "") : trimmed;
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(plain) || Number(plain) === 0) return null;
  const { value: reply } = quantity.replies;
  const at = reply.lastIndexOf(PLACE); // a name may have it, too
  return reply.slice(0, at) + plain + reply.slice(at + PLACE.length);
}
