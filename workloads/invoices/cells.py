"""Read the cells of a cost export: amounts, days and currencies, as providers and spreadsheets write them."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final

MAX_LENGTH: Final = 60
_MAX_DECIMALS: Final = 30  # of an amount; sums of 1e-999 would need a thousand digits
_GROUPS: Final = re.compile(r"\d{1,3}(,\d{3})+")
_PLAIN: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_ISO: Final = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?!\d)")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_PARTS: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})")
_CURRENCY: Final = re.compile(r"(?<![a-z])(usd|eur|gbp|chf|jpy|cny|inr|cad|aud|sek|nok|dkk|pln|brl|krw|sgd)(?![a-z])")
_SIGNS: Final = (("us$", "USD"), ("€", "EUR"), ("£", "GBP"), ("$", "USD"))
_NO_FIGURE: Final = re.compile(rf"us\$|[€$£¥₹\s'\u2019_*]|{_CURRENCY.pattern}|(?<![a-z])(?:us )?dollars?(?![a-z])")
"""What may stand around the figures of an amount: a currency, blanks and marks. Another letter makes it no amount."""

_EXCEL_START: Final = date(1899, 12, 30)


def parse_amount(cell: str) -> Decimal | None:
    """Return an amount of money; None for a cell that is none. "1.234,50 €", "(3.20)" and "$1,234.50" are amounts."""
    words = _NO_FIGURE.sub("", cell[:MAX_LENGTH].lower())
    if words.startswith("(") and words.endswith(")"):
        words = f"-{words[1:-1]}"
    words = words.strip("()eE")
    digits = words.lstrip("+-")
    if "," in digits and "." in digits:
        decimal = max(digits.rfind(","), digits.rfind("."))
        mark = digits[decimal]
        words = words.replace("." if mark == "," else ",", "").replace(mark, ".")
    elif "," in digits:
        words = words.replace(",", "" if _GROUPS.fullmatch(digits) else ".")
    if _PLAIN.fullmatch(words) is None:
        return None
    try:
        amount = Decimal(words)
    except InvalidOperation:
        return None
    exponent = amount.as_tuple().exponent
    is_writable = isinstance(exponent, int) and exponent >= -_MAX_DECIMALS
    return amount if is_writable and abs(amount) < Decimal("1e12") else None


def parse_day(cell: str, *, day_first: bool) -> date | None:
    """Return the UTC day of a date or time; None for a cell that is none."""
    words = cell.strip()[:MAX_LENGTH]
    if words.isascii() and words.replace(".", "", 1).isdigit() and not _is_compact_day(words):
        return _from_number(float(words))
    try:
        if (match := _ISO.match(words)) is not None:
            moment = _to_moment(words)
            return moment or date(int(match[1]), int(match[2]), int(match[3]))
        if (match := _PARTS.match(words)) is not None:
            one, other, year = int(match[1]), int(match[3]), int(match[4])
            day, month = (one, other) if day_first or match[2] == "." else (other, one)
            return date(year + 2000 if year < 100 else year, month, day)
        return _from_words(words)
    except (ValueError, OverflowError):  # the latter for a day that is in the year 0 or 10000 in UTC
        return None


def has_day_first(cells: list[str]) -> bool:
    """Whether dates such as 13/02/2026 show that the day stands before the month."""
    matches = [match for cell in cells if (match := _PARTS.match(cell.strip()[:MAX_LENGTH])) is not None]
    return any(int(match[1]) > 12 for match in matches)


def find_currency(words: str) -> str | None:
    """Return the currency that a cell or the name of a column states; None if none."""
    lower = words[:MAX_LENGTH].lower()
    if (match := _CURRENCY.search(lower.replace("_", " "))) is not None:
        return match[1].upper()
    return next((currency for sign, currency in _SIGNS if sign in lower), None)


def find_currency_code(column: str) -> str | None:
    """Return the currency whose code is in the name of a column: "amount_eur", "costInUsd"."""
    name = column[:MAX_LENGTH].lower()
    match = _CURRENCY.search(name.replace("_", " "))
    return match[1].upper() if match else ("USD" if name.endswith("usd") else None)


def _is_compact_day(words: str) -> bool:
    return len(words) == 8 and words.isdigit() and "19000101" <= words <= "21001231"


def _from_number(number: float) -> date | None:
    """Return the day of seconds or milliseconds since 1970, or of a spreadsheet's serial number."""
    if 20_000 < number < 80_000:
        return _EXCEL_START + timedelta(days=int(number))
    seconds = number / 1000 if number > 1e11 else number
    return datetime.fromtimestamp(seconds, UTC).date() if 1e8 < seconds < 1e10 else None


def _to_moment(words: str) -> date | None:
    """Return the UTC day of an ISO time; None for a date alone."""
    if len(words) <= 10:
        return None
    try:
        moment = datetime.fromisoformat(words.removesuffix(" UTC"))
    except ValueError:
        return None
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _from_words(words: str) -> date | None:
    for form in ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%a %b %d %Y"):
        try:
            return datetime.strptime(words, form).date()  # noqa: DTZ007 - only its day counts
        except ValueError:
            continue
    return None
