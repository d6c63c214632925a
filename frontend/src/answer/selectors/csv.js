/** A table of an answer as CSV. */

const FORMULA = /^[ \u00a0\ufeff]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
/** Where another cell with a formula begins for a spreadsheet that separates cells by semicolons. */
const AFTER_SEPARATOR = /(?<=[;\t])(?=[ \u00a0]?[=+\-@\uff1d\uff0b\uff0d\uff20])/g;
const NUMBER = /^-?\d+(\.\d+)?$/;

export function toCsv(table) {
  const head = table.columns.map(({ name, unit }) => (unit ? `${name} (${unit})` : name));
  return [head, ...table.rows].map((cells) => cells.map(toCell).join(",")).join("\r\n") + "\r\n";
}

/** What a spreadsheet would read as a formula starts with an apostrophe. */
function toCell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value).replaceAll(AFTER_SEPARATOR, "'");
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A file name of the table's title: letters, digits and dashes. */
export function nameFile(title) {
  const stem = title.replaceAll(/[^A-Za-z0-9]+/g, "-").replaceAll(/^-+|-+$/g, "").slice(0, 60).toLowerCase();
  return `${stem || "table"}.csv`;
}
