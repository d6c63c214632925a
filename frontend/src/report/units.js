/** Values of the report with their units, in words. */
import { formatCount, formatMilliseconds, formatMoney, formatNumber, formatPercent, formatShare, formatTimeSpan } from "../format.js";
import { t } from "./texts.js";

/** null: rows of the log sum up an unknown number of requests. */
export const formatRequests = (n) => (n === null ? t("report.requests.unknown") : t("report.requests", { n, count: formatCount(n) }));
export const formatRequestCount = (n) => (n === null ? t("figure.unknown") : formatCount(n));
export const formatTokens = (n) => t("unit.tokens", { n, count: formatCount(n) });

/** A target of {percent, usd}: in money if `usd` is set. */
export const formatGoal = ({ percent, usd }) => (usd === null ? t("goal.label", { percent: formatPercent(percent) }) : t("goal.money", { usd: formatMoney(usd) }));

const UNITS = {
  USD: formatMoney,
  share: formatShare,
  s: formatTimeSpan,
  ms: formatMilliseconds,
  requests: formatRequests,
  tokens: formatTokens,
  reads: (n) => t("unit.reads", { n, count: formatNumber(n) }),
};

/** A value of evidence with its unit; text stays as it is. */
export function formatValue(value, unit) {
  if (typeof value === "string") return value;
  return UNITS[unit] ? UNITS[unit](value) : `${formatNumber(value)} ${unit}`.trim();
}
