/** A table of an answer as CSV. */

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^-?\d+(\.\d+)?$/;

export function toCsv(table) {
  const head = table.columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name));
  return [head, ...table.rows].map((cells) => cells.map(toCell).join(",")).join("\r\n") + "\r\n";
}

/** What a spreadsheet would read as a formula starts with an apostrophe. */
function toCell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A file name of the table's title: letters, digits and dashes. */
export function nameFile(title) {
  const stem = title.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 60).toLowerCase();
  return `${stem || "table"}.csv`;
}
