/** Figures and names of an answer's tables in words, a column at a time so that decimal points line up. */
import { formatAlignedShare, formatCount, formatDurations, formatMilliseconds, formatMoney, formatNumber, formatShare } from "../../format.js";

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T/;
const MONEY = "usd";
const DECIMALS = [[1, 2], [0.01, 4], [0, 6]];

/** A column of figures has a unit; one of names or dates has none. */
export const isFigure = (column) => Boolean(column.unit);

/** Decimals are sent as text. null for what is not a number. */
export function toNumber(value) {
  if (typeof value !== "number" && (typeof value !== "string" || value.trim() === "")) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A single figure with its unit; null if it is unknown. */
export function formatFigure(value, unit) {
  const number = toNumber(value);
  if (number === null) return typeof value === "string" && value !== "" ? formatName(value) : null;
  if (unit.startsWith(MONEY)) return Math.abs(number) >= 1 || number === 0 ? formatMoney(number) : formatDollars(number, getDecimals(number));
  return formatOther(number, unit, formatShare);
}

/** The cells of a column as text: figures with as many decimals as the largest needs, dates in the reader's way. */
export function formatColumn(values, unit) {
  if (!unit) return formatNames(values);
  const numbers = values.map(toNumber);
  if (unit === "ms") return formatDurations(numbers).map((text, place) => text ?? formatFigure(values[place], unit));
  const decimals = getDecimals(Math.max(0, ...numbers.map((number) => Math.abs(number ?? 0))));
  return numbers.map((number, place) => {
    if (number === null) return formatFigure(values[place], unit);
    return unit.startsWith(MONEY) ? formatDollars(number, decimals) : formatOther(number, unit, formatAlignedShare);
  });
}

function getDecimals(largest) {
  return largest === 0 ? 2 : DECIMALS.find(([least]) => Math.abs(largest) >= least)[1];
}

/** An amount that would be rounded to 0 keeps two digits. */
function formatDollars(number, decimals) {
  const vanishes = number !== 0 && Math.abs(number) < 0.5 * 10 ** -decimals;
  const digits = vanishes ? { maximumSignificantDigits: 2 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return formatMoney(number, "USD", digits);
}

function formatOther(number, unit, share) {
  if (unit === "share") return share(number);
  if (unit === "ms") return formatMilliseconds(number);
  if (unit === "tokens_per_request") return formatCount(number);
  return Number.isInteger(number) ? formatCount(number) : formatNumber(number);
}

function formatNames(values) {
  const months = values.length > 1 && values.every((value) => typeof value === "string" && DATE.test(value) && value.endsWith("-01"));
  return values.map((value) => (value === null || value === "" ? null : formatName(value, months)));
}

function formatName(value, months = false) {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : formatNumber(value); // an hour, a row's number
  if (typeof value !== "string") return String(value);
  if (DATE.test(value)) return formatDay(value, months);
  return TIME.test(value) ? formatHour(value) : value;
}

const locale = globalThis.navigator?.languages?.length ? [...navigator.languages] : undefined;
const day = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
const month = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "long", year: "numeric" });
const hour = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" });

const formatDay = (iso, months) => (months ? month : day).format(new Date(`${iso}T00:00Z`));

/** The time as it stands in the answer: it is in the time zone of the question. */
function formatHour(iso) {
  const date = new Date(`${iso.slice(0, 16)}Z`);
  return Number.isNaN(date.getTime()) ? iso : hour.format(date);
}

const MANY_COLUMNS = 6; // such a table scrolls sideways anyway
const SHORT_NAME = 36; // a UUID

/** Whether a cell of a table with that many columns stays on one line. */
export const isWhole = (value, text, columns) => TIME.test(value) || (columns >= MANY_COLUMNS && text.length <= SHORT_NAME);

/** Whether all values are dates or times. */
export const isTimeline = (values) => values.length > 0 && values.every((value) => typeof value === "string" && (DATE.test(value) || TIME.test(value)));
