/** Numbers, money, sizes and times in the reader's locale. A log's own times are shown in UTC, as they stand in the log. */

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;
const UTC = { timeZone: "UTC" };
const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];
const SPAN_UNITS = [["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]];
const LONG_LOG_SECONDS = 3 * 86_400;
const SECOND_MS = 1000;
const TICK_DIGITS = [0, 2, 3, 4, 5, 6, 7, 8];
const BUCKETS = {
  minute: { hour: "numeric", minute: "2-digit" },
  hour: { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" },
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
};

const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });
const wholeShare = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const list = new Intl.ListFormat(locale, { type: "unit", style: "short" });
const hourMinute = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" });
const dayMonth = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const utcFull = new Intl.DateTimeFormat(locale, { ...UTC, dateStyle: "medium", timeStyle: "short" });
const utcMoment = new Intl.DateTimeFormat(locale, { ...UTC, day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
const utcTime = new Intl.DateTimeFormat(locale, { ...UTC, ...BUCKETS.minute });
const utcDay = new Intl.DateTimeFormat(locale, { ...UTC, ...BUCKETS.day });
const utcDate = new Intl.DateTimeFormat(locale, { ...UTC, day: "numeric", month: "short", year: "numeric" });

// Numbers

export const formatCount = (value) => whole.format(value);
export const formatNumber = (value) => plain.format(value);

/** 0.285 as "28.5%"; a small share is never shown as 0. */
export function formatShare(value) {
  const digits = value !== 0 && Math.abs(value) < 0.001 ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, { style: "percent", ...digits }).format(value);
}

/** A share in a column: always with one decimal, so that the decimal points line up. */
export function formatAlignedShare(value) {
  if (value !== 0 && Math.abs(value) < 0.001) return formatShare(value);
  const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale, { style: "percent", ...digits }).format(value);
}

export const formatWholeShare = (value) => wholeShare.format(value);
export const formatPercent = (value) => formatShare(value / 100);

export function formatBytes(value) {
  const power = value < 1000 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  const digits = power === 0 || scaled >= 100 ? 0 : 1;
  const unit = { style: "unit", unit: BYTE_UNITS[power], unitDisplay: power === 0 ? "long" : "short" };
  return new Intl.NumberFormat(locale, { ...unit, maximumFractionDigits: digits }).format(scaled);
}

/** Money; small amounts keep two significant digits. */
export function formatMoney(value, currency = "USD", digits = getMoneyDigits(value)) {
  return new Intl.NumberFormat(locale, { style: "currency", currency, ...digits }).format(value);
}

function getMoneyDigits(value) {
  const small = value !== 0 && Math.abs(value) < 0.1;
  return small ? { minimumSignificantDigits: 2, maximumSignificantDigits: 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
}

/** Amounts on an axis, with as many decimals as show all of them exactly. */
export function formatMoneyTicks(values, currency = "USD") {
  const isExact = (digits) => values.every((value) => Math.abs(value * 10 ** digits - Math.round(value * 10 ** digits)) < 1e-6);
  const needed = TICK_DIGITS.find(isExact) ?? TICK_DIGITS.at(-1);
  const digits = { minimumFractionDigits: needed, maximumFractionDigits: needed };
  return values.map((value) => formatMoney(value, currency, digits));
}

/** A price in USD per million tokens, with all its decimals. */
export function formatPrice(usd) {
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 6 };
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", ...digits }).format(usd);
}

// Durations

function formatUnit(value, unit, digits, unitDisplay = "short") {
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay, ...digits }).format(value);
}

/** How long a run or a step took: "0.3 s", "1 min 12 s", "2 h 5 min". */
export function formatDuration(ms) {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: seconds < 0.1 && seconds > 0 ? 2 : 1 };
    return formatUnit(seconds, "second", digits, "narrow");
  }
  const unit = (value, name) => formatUnit(value, name, {}, "narrow");
  const rounded = Math.round(seconds);
  if (rounded < 3600) return `${unit(Math.floor(rounded / 60), "minute")} ${unit(rounded % 60, "second")}`;
  return `${unit(Math.floor(rounded / 3600), "hour")} ${unit(Math.floor((rounded % 3600) / 60), "minute")}`;
}

/** How long requests took: "580 ms" below a second, else "8.22 s", as in the text of an answer. */
export function formatMilliseconds(ms) {
  if (Math.abs(ms) < SECOND_MS) return formatUnit(ms, "millisecond", { maximumFractionDigits: 0 });
  return formatUnit(ms / SECOND_MS, "second", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }, "narrow");
}

/** Durations of one column, which all have the unit of the longest. */
export function formatDurations(values) {
  const inSeconds = values.some((ms) => ms !== null && Math.abs(ms) >= SECOND_MS);
  return values.map((ms) => {
    if (ms === null) return null;
    return inSeconds ? formatUnit(ms / SECOND_MS, "second", getSecondDigits(ms), "narrow") : formatMilliseconds(ms);
  });
}

/** Two decimals line up; a duration that they would round to 0 keeps one digit. */
function getSecondDigits(ms) {
  const vanishes = ms !== 0 && Math.abs(ms) < 5;
  return vanishes ? { maximumSignificantDigits: 1 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
}

/** How long a log is, in its two largest units: "29 days, 23 hr". */
export function formatTimeSpan(seconds) {
  let left = Math.round(seconds);
  const parts = [];
  for (const [unit, size] of SPAN_UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count || parts.length) parts.push([count, unit]);
    if (parts.length === 2) break;
  }
  const shown = parts.filter(([value]) => value);
  const digits = { maximumFractionDigits: 0 };
  return shown.length ? list.format(shown.map(([value, unit]) => formatUnit(value, unit, digits))) : formatUnit(0, "second", digits);
}

// Times

export const formatMoment = (iso) => full.format(new Date(iso));

/** Today's as a time, others as a day. */
export function formatWhen(iso, now = new Date()) {
  const date = new Date(iso);
  return date.toDateString() === now.toDateString() ? hourMinute.format(date) : dayMonth.format(date);
}

/** A log's period: "16 Nov, 18:17–19:14", only the days of a long log, or its length if its times are relative. */
export function formatPeriod(source) {
  if (source.first === null || source.first === undefined) return null;
  if (source.relative_clock) return formatDuration((source.span_seconds ?? 0) * 1000);
  const format = source.span_seconds > LONG_LOG_SECONDS ? utcDate : utcMoment;
  return format.formatRange(parseUtc(source.first), parseUtc(source.last));
}

/** A log's first and last moment. */
export function formatInterval(first, last) {
  return `${utcFull.formatRange(new Date(first), new Date(last))} UTC`;
}

/** When a bucket of `period` starts; `seconds` since 1970, or since the start of a log whose times are relative. */
export function formatBucketStart(seconds, period, relative) {
  if (relative) return `+${formatTimeSpan(seconds)}`;
  return new Intl.DateTimeFormat(locale, { ...UTC, ...BUCKETS[period] }).format(new Date(seconds * 1000));
}

/** The starts of some buckets, below an axis: of hours and minutes the time, with the day where it changes on a second line. */
export function formatBucketTicks(starts, period, relative) {
  if (relative || !["minute", "hour"].includes(period)) return starts.map((at) => formatBucketStart(at, period, relative));
  const days = starts.map((at) => utcDay.format(new Date(at * 1000)));
  return starts.map((at, place) => {
    const time = utcTime.format(new Date(at * 1000));
    return days[place] === days[place - 1] ? time : `${time}\n${days[place]}`;
  });
}

function parseUtc(iso) {
  return new Date(/(Z|[+-]\d\d:?\d\d)$/.test(iso) ? iso : `${iso}Z`);
}
