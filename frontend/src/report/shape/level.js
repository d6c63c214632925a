/** Effort and risk: the report writes "medium - a short reason". */

export const LEVELS = ["low", "medium", "high"];

/** `name` is one of LEVELS, null where the text begins with none; `rank` from 0, the highest where it is not known. */
export function level(text) {
  const [first, ...rest] = text.split(" - ");
  const rank = LEVELS.indexOf(first.trim());
  if (rank < 0) return { name: null, rank: LEVELS.length - 1, reason: text };
  return { name: LEVELS[rank], rank, reason: rest.join(" - ") };
}

/** The highest level of several steps; null without steps. */
export function highest(texts) {
  const found = texts.map(level).sort((a, b) => b.rank - a.rank);
  return found[0] ?? null;
}
