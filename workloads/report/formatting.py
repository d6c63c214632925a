"""Figures as a reader wants them: money, counts, shares and times in words."""

from datetime import datetime, timedelta
from decimal import Decimal

from netra.language.text import Figure, Text, counted, joined, quoted, text
from workloads.estimate import Bound

Number = int | float | Decimal

PLURALS = ("requests", "tokens", "reads")

ENDS = (".", "?", "!", "…", "。", "？", "！")  # noqa: RUF001 - those of other scripts


def money(usd: Decimal) -> Figure:
    """To the cent; below a dollar to four places and to the first digit at least: a small saving is not none."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    places = 2 if size >= 1 or not size else max(4, -size.adjusted())
    return Figure(f"{sign}${size:,.{places}f}")


def limited(usd: Decimal, bound: Bound) -> Text:
    """Money that says whether it is a bound: "up to $5.30"."""
    match bound:
        case Bound.UPPER:
            return text("up to {usd}", usd=money(usd))
        case Bound.LOWER:
            return text("at least {usd}", usd=money(usd))
        case Bound.ESTIMATE:
            return joined("", (money(usd),))


def sentence(words: str) -> Text:
    """Words, said already, with a full stop at their end."""
    return quoted(words) if words.endswith(ENDS) else text("{words}.", words=words)


def price(usd: Decimal) -> Figure:
    """As many places as the price has, two at least."""
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return Figure(f"${usd:,.{places}f}")


def percent(share: float) -> Figure:
    return Figure(f"{share * 100:.1f} %")


def count(number: Number) -> Figure:
    return Figure(f"{number:,}" if isinstance(number, int) else f"{float(number):,.4g}")


def value(number: Number | str, unit: str) -> str:
    """A value of evidence with its unit: a Text or Figure, or the log's own words."""
    if unit == "USD":
        return money(Decimal(number))
    if isinstance(number, str):
        return number
    return percent(float(number)) if unit == "share" else _of(number, unit)


def _of(number: Number, unit: str) -> Text:
    shown = count(number)
    n = number if isinstance(number, int) else 1 if number == 1 else 2
    match unit:
        case "requests":
            return counted("{count} request", "{count} requests", n=n, count=shown)
        case "tokens":
            return counted("{count} token", "{count} tokens", n=n, count=shown)
        case "reads":
            return counted("{count} read", "{count} reads", n=n, count=shown)
    return joined(" ", (shown, unit) if unit else (shown,))


def span(seconds: float) -> Text:
    """The two largest units: "29 d 23 h", "57 min 16 s"."""
    left = round(seconds)
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    parts = (
        (days, text("{n} d", n=days)),
        (hours, text("{n} h", n=hours)),
        (minutes, text("{n} min", n=minutes)),
        (left, text("{n} s", n=left)),
    )
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    last = len(parts) - 1
    return joined(" ", (words for count, words in parts[first : first + 2] if count or first == last))


def moment(at: datetime, *, relative: bool) -> Text:
    if relative:
        since = (at - datetime(1970, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001 - the log's clock is naive
        return text("+{seconds:,.1f} s", seconds=since)
    return joined("", (f"{at:%Y-%m-%d %H:%M:%S} UTC",))
