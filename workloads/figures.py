"""Figures as a reader wants them: money, counts, shares and times in words."""

from datetime import datetime, timedelta
from decimal import Decimal

Number = int | float | Decimal


def money(usd: Decimal) -> str:
    """To the cent; below a dollar to four places, so that a small saving is not shown as none."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    return f"{sign}${size:,.2f}" if size >= 1 or not size else f"{sign}${size:.4f}"


def price(usd: Decimal) -> str:
    """As many places as the price has."""
    return f"{usd:f}".rstrip("0").rstrip(".") if "." in f"{usd:f}" else f"{usd:f}"


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
    return f"{shown} {unit}".strip()


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
