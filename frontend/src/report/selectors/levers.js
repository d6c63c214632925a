/** The levers in reading order: counted in the total, needing confirmation, saving nothing, unknown; and a lever's table of details. */
import { findHighestLevel, isPriced } from "./headline.js";

const NAMES = new Set(["model", "smaller_model", "feature"]);
const MOST_ROWS = 20;

/** The levers with `says` ("known", "nothing", "more", "unknown", "unpriced"), effort and risk, and their share of
 * the total: `after` the others, or what each `adds` to it. */
export function selectLeverRows(report) {
  const drops = new Map(report.waterfall.map((drop) => [drop.lever, drop.saving]));
  const adds = new Map((report.combination?.candidates ?? []).map((one) => [one.lever, one.adds]));
  const rows = report.levers.map((lever) => ({
    ...lever,
    quantities: lever.quantities ?? [], // reports of earlier versions have none
    says: getStatus(lever, isPriced(report)),
    counted: drops.has(lever.name),
    after: drops.get(lever.name) ?? null,
    adds: adds.get(lever.name) ?? null,
    effort: findHighestLevel(lever.steps.map((step) => step.effort)),
    risk: findHighestLevel(lever.steps.map((step) => step.risk)),
    speed: report.combination?.guard?.speeds?.[lever.name] ?? null,
  }));
  return rows.sort((a, b) => rankRow(a) - rankRow(b) || (b.saving ?? 0) - (a.saving ?? 0));
}

function getStatus(lever, priced) {
  if (lever.saving === null) return priced || listNeededColumns(lever).some((name) => name !== "model") ? "unknown" : "unpriced";
  if (lever.saving === 0) return priced ? "nothing" : "unpriced";
  return lever.saving > 0 ? "known" : "more";
}

function rankRow(row) {
  if (row.counted) return 0;
  return { known: 1, more: 2, nothing: 2, unpriced: 3, unknown: 3 }[row.says];
}

/** The columns that a lever lacks, each once. */
export const listNeededColumns = (lever) => [...new Set(lever.unknowns.map((one) => one.column).filter(Boolean))];

/** {columns: [{key, label, unit, name}], rows}; `name`: contains names from the log or the price list. Older reports
 * have no `headings`. */
export function selectDetailTable(details, headings = {}) {
  if (!details.length) return null;
  const columns = Object.keys(details[0]).map((key) => ({
    key,
    label: capitalize(headings[key] ?? key.replace(/_usd$/, "").replaceAll("_", " ")),
    unit: key.endsWith("_usd") ? "USD" : "",
    name: NAMES.has(key),
    numeric: typeof details[0][key] === "number",
  }));
  return { columns, rows: details.slice(0, MOST_ROWS) };
}

const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);
