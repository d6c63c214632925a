/** A lever's table of details: what its columns are called and what their values are. */

const NAMES = new Set(["model", "smaller_model", "feature"]);
const MOST_ROWS = 20;

/** {columns: [{key, label, unit, name}], rows}; `name`: it holds names from the log or the price list. Reports from before columns
 * had `headings` have none. */
export function detailTable(details, headings = {}) {
  if (!details.length) return null;
  const columns = Object.keys(details[0]).map((key) => ({
    key,
    label: capital(headings[key] ?? key.replace(/_usd$/, "").replaceAll("_", " ")),
    unit: key.endsWith("_usd") ? "USD" : "",
    name: NAMES.has(key),
    numeric: typeof details[0][key] === "number",
  }));
  return { columns, rows: details.slice(0, MOST_ROWS) };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
