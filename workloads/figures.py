"""Figures as a reader wants them: money, counts, shares and times in words."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from workloads.estimate import Bound

Number = int | float | Decimal

PLURALS = ("requests", "tokens", "reads")

LIMITS: Mapping[Bound, str] = MappingProxyType({Bound.UPPER: "up to ", Bound.LOWER: "at least ", Bound.ESTIMATE: ""})


def money(usd: Decimal) -> str:
    """To the cent; below a dollar to four places and to the first digit at least: a small saving is not none."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    places = 2 if size >= 1 or not size else max(4, -size.adjusted())
    return f"{sign}${size:,.{places}f}"


def limited(usd: Decimal, bound: Bound) -> str:
    """Money that says whether it is a bound: "up to $5.30"."""
    return LIMITS[bound] + money(usd)


def sentence(text: str) -> str:
    """With a full stop at its end."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def price(usd: Decimal) -> str:
    """As many places as the price has, two at least."""
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return f"${usd:,.{places}f}"


def percent(share: float) -> str:
    return f"{share * 100:.1f} %"


def value(number: Number | str, unit: str) -> str:
    """A value of evidence with its unit."""
    if unit == "USD":
        return money(Decimal(number))
    if isinstance(number, str):
        return number
    if unit == "share":
        return percent(float(number))
    shown = f"{number:,}" if isinstance(number, int) else f"{float(number):,.4g}"
    return f"{shown} {unit[:-1] if number == 1 and unit in PLURALS else unit}".strip()


def span(seconds: float) -> str:
    """The two largest units: "29 d 23 h", "57 min 16 s"."""
    left = round(seconds)
    parts = []
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        parts.append((count, name))
    first = next((i for i, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {name}" for count, name in parts[first : first + 2] if count or first == len(parts) - 1)


def moment(at: datetime, *, relative: bool) -> str:
    if relative:
        return f"+{(at - datetime(1970, 1, 1)) / timedelta(seconds=1):,.1f} s"  # noqa: DTZ001 - the log's clock is naive
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
