/** The log's dimensions, and the rows of one. Reports of earlier versions have none. */
import { isPriced } from "./headline.js";

const OTHERS = "(all others)";

/** [{name, kept, table, values, missing: the share without a value, or null}], in the report's order. */
export function listDimensions(report) {
  const kept = report.source.kept ?? [];
  return (report.allocation ?? []).map((one) => ({
    name: one.name,
    kept: one.kept,
    table: one.kept ? `spend-by-column-${kept.indexOf(one.name) + 1}` : `spend-by-${one.name.replaceAll("_", "-")}`,
    values: one.values,
    parts: one.parts,
  }));
}

/** The first dimension that says whose spend it is, else the first. */
export function chooseDimension(dimensions) {
  return dimensions.find((one) => ["team", "feature", "user", "api_key", "customer"].includes(one.name) && !one.kept) ?? dimensions[0] ?? null;
}

/** Rows {name, kind, cost, tokens, unpriced, requests, share}; cost is null if unknown; shares are then of tokens. */
export function selectParts(report, dimension) {
  const tokens = dimension.parts.reduce((sum, one) => sum + one.tokens, 0);
  return dimension.parts.map((one) => ({
    name: one.name,
    kind: one.name === null ? "nameless" : one.name === OTHERS && one.names > 1 ? "others" : "name",
    many: one.names,
    cost: one.cost,
    tokens: one.tokens,
    unpriced: one.unpriced_tokens,
    requests: one.requests,
    share: isPriced(report) ? one.share : tokens ? one.tokens / tokens : null,
  }));
}
