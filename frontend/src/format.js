/** Numbers, bytes, money and times in the reader's locale. */

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
const hourMinute = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
// A log's own times are shown as they stand in the log: in UTC.
const utcDay = { day: "numeric", month: "short", timeZone: "UTC" };
const utcMoment = new Intl.DateTimeFormat(locale, { ...utcDay, hour: "2-digit", minute: "2-digit" });
const utcDate = new Intl.DateTimeFormat(locale, { ...utcDay, year: "numeric" });
const LONG_SECONDS = 3 * 86_400;
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });

export const percent = (value) => share.format(value);
export const count = (value) => whole.format(value);
export const number = (value) => plain.format(value);

export function bytes(value) {
  const power = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  const digits = power === 0 || scaled >= 100 ? 0 : 1;
  const unit = { style: "unit", unit: BYTE_UNITS[power], unitDisplay: power === 0 ? "long" : "short" };
  return new Intl.NumberFormat(locale, { ...unit, maximumFractionDigits: digits }).format(scaled);
}

/** Money; small amounts keep two significant digits. */
export function money(value, currency = "USD") {
  const small = value !== 0 && Math.abs(value) < 0.1;
  const digits = small ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(value);
}

/** "0.3 s", "1 min 12 s", "2 h 5 min". */
export function duration(ms) {
  const unit = (value, name) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: seconds < 0.1 && seconds > 0 ? 2 : 1 };
    return new Intl.NumberFormat(locale, { style: "unit", unit: "second", unitDisplay: "narrow", ...digits }).format(seconds);
  }
  const whole = Math.round(seconds);
  if (whole < 3600) return `${unit(Math.floor(whole / 60), "minute")} ${unit(whole % 60, "second")}`;
  return `${unit(Math.floor(whole / 3600), "hour")} ${unit(Math.floor((whole % 3600) / 60), "minute")}`;
}

export const moment = (iso) => full.format(new Date(iso));

/** Today's as a time, others as a day. */
export function when(iso, now = new Date()) {
  const date = new Date(iso);
  return date.toDateString() === now.toDateString() ? hourMinute.format(date) : dayMonth.format(date);
}

export function ago(iso, now = Date.now()) {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const steps = [["day", 86_400], ["hour", 3600], ["minute", 60]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.round(seconds / size), unit);
}

/** "16 Nov, 18:17–19:14" of a log, or its days where they are many: in UTC; a length where its clock is relative. */
export function span(source) {
  if (source.first === null || source.first === undefined) return null;
  if (source.relative_clock) return duration((source.span_seconds ?? 0) * 1000);
  const format = source.span_seconds > LONG_SECONDS ? utcDate : utcMoment;
  return format.formatRange(utc(source.first), utc(source.last));
}

function utc(iso) {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}

