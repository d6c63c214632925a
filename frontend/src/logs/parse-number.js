/** Parses a number, also with a decimal comma: null if empty, NaN if it is not a number. Pure. */
export function parseNumber(text) {
  const written = String(text ?? "").trim().replace(",", ".");
  return written === "" ? null : Number(written);
}
