/** What is worth knowing of a log at a glance, in words. Pure. */
import { bytes, count, money, span } from "../format.js";
import { t } from "../texts.js";

export function factsOf(log, assumptions = {}) {
  const { source, spend } = log;
  if (!source) return [bytes(log.size)];
  return [
    t("count.requests", { n: source.rows }),
    span(source),
    hasModel(source) ? null : assumptions.assume_model ? t("log.assumed", { model: assumptions.assume_model }) : t("log.noModel"),
    spend && spend.priced_requests > 0 ? t("log.spend", { total: money(spend.total, spend.currency) }) : null,
  ].filter(Boolean);
}

/** For the list on the left: a few short ones. */
export function briefOf(log) {
  if (log.state === "failed") return [t("log.state.failed")];
  if (log.state !== "ready" || !log.source) return [t(`log.state.${log.state}`), bytes(log.size)];
  const { source, spend } = log;
  const cost = spend && spend.priced_requests > 0 ? money(spend.total, spend.currency) : null;
  return [span(source), bytes(log.size), cost].filter(Boolean);
}

export const hasModel = (source) => source.columns.includes("model");

export const rejectedRows = (source) => source.rejected.reduce((sum, one) => sum + one.rows, 0);

/** The fields that no column was found for. */
export function missingFields(source, fields) {
  return fields.filter((field) => !source.mapping[field.name]);
}
