/** Shares, times and spans in the reader's locale; money and counts are the page's own (../format.js). */
import { count, money, number } from "../format.js";
import { t } from "./texts.js";

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;
const SPANS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
const PRECISE = 10_000;
const UTC = { timeZone: "UTC" };
const BY_PERIOD = {
  minute: { hour: "2-digit", minute: "2-digit" },
  hour: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
};

/** 0.285 as "28.5 %"; what is not nothing is not shown as 0. */
export function share(value) {
  const digits = value !== 0 && Math.abs(value) < 0.001 ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, { style: "percent", ...digits }).format(value);
}

/** The same in a column: with one place throughout, so that the points stand below one another. */
export function alignedShare(value) {
  if (value !== 0 && Math.abs(value) < 0.001) return share(value);
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, { style: "percent", ...digits }).format(value);
}

export const percent = (value) => share(value / 100);

/** USD per million tokens, with as many places as the price has. */
export function price(usd) {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 6 };
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", ...digits }).format(usd);
}

export function requests(n) {
  return t("report.requests", { n, count: count(n) });
}

export function milliseconds(ms) {
  return ms < PRECISE ? inUnit(ms, "millisecond", 0) : inUnit(ms / 1000, "second", 1);
}

/** The two largest units: "29 days 23 hr". */
export function span(seconds) {
  let left = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of SPANS) {
    const whole = Math.floor(left / size);
    left -= whole * size;
    if (whole || parts.length) parts.push([whole, unit]);
    if (parts.length === 2) break;
  }
  const shown = parts.filter(([value]) => value);
  return shown.length ? shown.map(([value, unit]) => inUnit(value, unit, 0)).join(" ") : inUnit(0, "second", 0);
}

function inUnit(value, unit, digits) {
  const options = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits };
  return new Intl.NumberFormat(locale, options).format(value);
}

/** When a bucket of `period` starts; `seconds` since 1970 in UTC, or since the log began. */
export function bucket(seconds, period, relative) {
  if (relative) return `+${span(seconds)}`;
  return new Intl.DateTimeFormat(locale, { ...UTC, ...BY_PERIOD[period] }).format(new Date(seconds * 1000));
}

/** The log's first and last moment, in UTC. */
export function interval(first, last) {
  const format = new Intl.DateTimeFormat(locale, { ...UTC, dateStyle: "medium", timeStyle: "short" });
  return `${format.formatRange(new Date(first), new Date(last))} UTC`;
}

const UNITS = {
  USD: money,
  share,
  s: span,
  ms: milliseconds,
  requests,
  tokens: (n) => t("unit.tokens", { n, count: count(n) }),
  reads: (n) => t("unit.reads", { n, count: number(n) }),
};

/** A value of evidence with its unit; text is given as it is. */
export function valued(value, unit) {
  if (typeof value === "string") return value;
  return UNITS[unit] ? UNITS[unit](value) : `${number(value)} ${unit}`.trim();
}

export { count, money, number };
