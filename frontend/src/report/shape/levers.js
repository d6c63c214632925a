/** The levers in the order of reading: what is promised, what needs confirming, what saves nothing, what is unknown. */
import { isPriced } from "./headline.js";
import { highest } from "./level.js";

/** The levers with `says` ("known", "nothing", "more", "unknown", "unpriced"), effort and risk, and their place in
 * the total: `after` the others, or what each `adds` to it. */
export function leverRows(report) {
  const drops = new Map(report.waterfall.map((drop) => [drop.lever, drop.saving]));
  const adds = new Map((report.combination?.candidates ?? []).map((one) => [one.lever, one.adds]));
  const rows = report.levers.map((lever) => ({
    ...lever,
    says: verdict(lever, isPriced(report)),
    counted: drops.has(lever.name),
    after: drops.get(lever.name) ?? null,
    adds: adds.get(lever.name) ?? null,
    effort: highest(lever.steps.map((step) => step.effort)),
    risk: highest(lever.steps.map((step) => step.risk)),
    speed: report.combination?.guard?.speeds?.[lever.name] ?? null,
  }));
  return rows.sort((a, b) => rank(a) - rank(b) || (b.saving ?? 0) - (a.saving ?? 0));
}

function verdict(lever, priced) {
  if (lever.saving === null) return priced || columnsOf(lever).some((name) => name !== "model") ? "unknown" : "unpriced";
  if (lever.saving === 0) return priced ? "nothing" : "unpriced";
  return lever.saving > 0 ? "known" : "more";
}

function rank(row) {
  if (row.counted) return 0;
  return { known: 1, more: 2, nothing: 2, unpriced: 3, unknown: 3 }[row.says];
}

/** Columns that would tell what is unknown of a lever, each once. */
export const columnsOf = (lever) => [...new Set(lever.unknowns.map((one) => one.column).filter(Boolean))];
