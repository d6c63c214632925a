/** A log at a glance, in words. Pure. */
import { formatBytes, formatCount, formatMoney, formatPeriod } from "../format.js";
import { t } from "../texts.js";

export function describeLog(log, assumptions = {}) {
  const { source, spend } = log;
  if (!source) return [formatBytes(log.size)];
  return [
    source.requests === null ? t("count.rows", { n: source.rows }) : t("count.requests", { n: source.requests }),
    formatPeriod(source),
    hasModel(source) ? null : assumptions.assume_model ? t("log.assumed", { model: assumptions.assume_model }) : t("log.noModel"),
    hasSpend(spend) ? t("log.spend", { total: formatMoney(spend.total, spend.currency) }) : null,
  ].filter(Boolean);
}

/** A few short facts, for the list in the left column. */
export function summarizeLog(log) {
  if (log.state === "failed") return [t("log.state.failed")];
  if (log.state !== "ready" || !log.source) return [t(`log.state.${log.state}`), formatBytes(log.size)];
  const { source, spend } = log;
  const cost = hasSpend(spend) ? formatMoney(spend.total, spend.currency) : null;
  return [formatPeriod(source), formatBytes(log.size), cost].filter(Boolean);
}

/** Whether anything in the log has a price, or a cost that the log states. */
export const hasSpend = (spend) => Boolean(spend) && (spend.priced_requests !== 0 || Number(spend.stated) > 0);

export const hasModel = (source) => source.columns.includes("model");

/** Why rows were left out, in one sentence; null if none was. */
export function describeRejectedRows(source) {
  const n = countRejectedRows(source);
  if (!n) return null;
  const [most] = [...source.rejected].sort((one, other) => other.rows - one.rows);
  return t(source.rejected.length > 1 ? "log.rejected.several" : "log.rejected", { n, rows: formatCount(n), why: most.why });
}

export const countRejectedRows = (source) => source.rejected.reduce((sum, one) => sum + one.rows, 0);

const NEEDS = [
  ["at", ["at"]],
  ["model", ["model"]],
  ["owner", ["team", "feature", "end_user", "api_key", "customer"]],
  ["latency", ["latency_ms"]],
  ["errors", ["ok"]],
  ["repeats", ["prompt_hash"]],
  ["prefixes", ["blocks", "session"]],
  ["batch", ["streamed", "session"]],
];

/** What reports will not be able to say, because no column tells it: names of texts. */
export function listUnanswerable(source) {
  return NEEDS.filter(([, columns]) => !columns.some((column) => source.columns.includes(column))).map(([name]) => name);
}

/** Questions to begin with: none that the log lacks the columns for. `source`: null until the log has been read. */
export function listQuestions(source) {
  const lacks = new Set(source ? listUnanswerable(source) : []);
  const more = [["errors", "ask.failed"], ["model", "ask.models"]].find(([column]) => !lacks.has(column));
  return ["ask.where", lacks.has("latency") ? "ask.cutAny" : "ask.cut", ...(more ? [more[1]] : [])];
}

/** The file's columns that are read, with their field and their first values. */
export function listReadColumns(log, most = 3) {
  const examples = new Map((log.preview?.columns ?? []).map((one) => [one.name, one.examples]));
  return Object.entries(log.source.mapping)
    .filter(([, column]) => column)
    .map(([field, column]) => ({ field, column, examples: (examples.get(column) ?? []).slice(0, most) }));
}

/** The fields without a column. */
export function listMissingFields(source, fields) {
  return fields.filter((field) => !source.mapping[field.name]);
}
