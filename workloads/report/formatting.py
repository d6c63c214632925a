"""Formatting for reports: money, counts, shares and times as text, Markdown tables, and translated words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from core.i18n.language import Language
from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text, verbatim_text
from workloads.analysis.estimate import Basis, Bound, Number
from workloads.report.escaping import escape_name, escape_prose

PLURAL_UNITS = ("requests", "tokens", "reads")

SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")  # noqa: RUF001 - those of other scripts


def format_money(usd: Decimal) -> FormattedNumber:
    """Format to the cent; below a dollar to four places or the first significant digit, so that a small saving is not
    shown as zero."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    places = 2 if size >= 1 or not size else max(4, -size.adjusted())
    return FormattedNumber(f"{sign}${size:,.{places}f}")


def format_bounded_money(usd: Decimal, bound: Bound) -> Text:
    """Format money with its bound: "up to $5.30"."""
    match bound:
        case Bound.UPPER:
            return text("up to {usd}", usd=format_money(usd))
        case Bound.LOWER:
            return text("at least {usd}", usd=format_money(usd))
        case Bound.ESTIMATE:
            return join_texts("", (format_money(usd),))


def end_sentence(words: str) -> Text:
    """Return translated words with a full stop at their end."""
    return verbatim_text(words) if words.endswith(SENTENCE_ENDS) else text("{words}.", words=words)


def format_price(usd: Decimal) -> FormattedNumber:
    """Format with as many places as the price has, at least two."""
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return FormattedNumber(f"${usd:,.{places}f}")


def format_percent(share: float) -> FormattedNumber:
    return FormattedNumber(f"{share * 100:.1f} %")


def format_count(number: Number) -> FormattedNumber:
    return FormattedNumber(f"{number:,}" if isinstance(number, int) else f"{float(number):,.4g}")


def format_requests(requests: int | None) -> Text:
    """Format a number of requests in words; None if rows of the log sum up an unknown number."""
    if requests is None:
        return text("an unknown number of requests")
    return plural_text("{n:,} request", "{n:,} requests", n=requests)


def format_known_count(number: int | None) -> str:
    return text("unknown") if number is None else format_count(number)


def format_value(number: Number | str, unit: str) -> str:
    """Format a value of evidence with its unit. Names from the log are returned as they are."""
    if unit == "USD":
        return format_money(Decimal(number))
    if isinstance(number, str):
        return number
    return format_percent(float(number)) if unit == "share" else _format_quantity(number, unit)


def _format_quantity(number: Number, unit: str) -> Text:
    shown = format_count(number)
    n = number if isinstance(number, int) else 1 if number == 1 else 2
    match unit:
        case "requests":
            return plural_text("{count} request", "{count} requests", n=n, count=shown)
        case "tokens":
            return plural_text("{count} token", "{count} tokens", n=n, count=shown)
        case "reads":
            return plural_text("{count} read", "{count} reads", n=n, count=shown)
    return join_texts(" ", (shown, unit) if unit else (shown,))


def format_span(seconds: float) -> Text:
    """Format the two largest units: "29 d 23 h", "57 min 16 s"."""
    days, rest = divmod(round(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    parts = (
        (days, text("{n} d", n=days)),
        (hours, text("{n} h", n=hours)),
        (minutes, text("{n} min", n=minutes)),
        (rest, text("{n} s", n=rest)),
    )
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    last = len(parts) - 1
    return join_texts(" ", (words for count, words in parts[first : first + 2] if count or first == last))


def format_moment(at: datetime, *, relative: bool) -> Text:
    if relative:
        since = (at - datetime(1970, 1, 1)) / timedelta(seconds=1)  # noqa: DTZ001 - the log's clock is naive
        return text("+{seconds:,.1f} s", seconds=since)
    return join_texts("", (f"{at:%Y-%m-%d %H:%M:%S} UTC",))


BASIS_LABELS: Mapping[Basis, Text] = MappingProxyType(
    {
        Basis.OBSERVED: text("observed"),
        Basis.MODELLED: text("modelled"),
        Basis.NEEDS_EVALUATION: text("needs evaluation"),
        Basis.UNKNOWN: text("unknown"),
    }
)
LEVEL_LABELS: Mapping[str, Text] = MappingProxyType(
    {"low": text("low"), "medium": text("medium"), "high": text("high")}
)
"""Labels for the levels that a step's effort and risk begin with."""


@dataclass(frozen=True, slots=True)
class ReportFormatter:
    """Translates and escapes for Markdown. The parts of a sentence must be translated and escaped before it is."""

    language: Language

    def translate(self, words: str) -> str:
        """Translate one of our own sentences, which may contain Markdown."""
        return self.language.translate(words)

    def to_prose(self, words: str) -> str:
        """Translate and escape a text that may contain names from the log."""
        return escape_prose(self.language.translate(words))

    def to_sentence(self, words: str) -> str:
        """Translate and escape a text, and end it with a full stop."""
        return self.to_prose(end_sentence(self.language.translate(words)))

    def to_inline_title(self, title: str) -> str:
        """Translate a title for use within a sentence, and escape it."""
        return escape_prose(self.language.translate_inline(title))

    def to_name(self, name: str | None) -> str:
        """Escape a name from the log."""
        return self.language.translate(escape_name(name))

    def label_basis(self, basis: Basis) -> str:
        return self.language.translate(BASIS_LABELS[basis])

    def label_level(self, words: str) -> str:
        """Translate and escape a step's effort or risk: "low - why"."""
        level, dash, why = self.language.translate(words).partition(" - ")
        return self.to_prose(
            join_texts(dash, (LEVEL_LABELS.get(level, level), why)) if dash else LEVEL_LABELS.get(level, level)
        )

    def translate_head(self, *titles: str) -> tuple[str, ...]:
        """Translate the titles of a table's columns."""
        return tuple(self.language.translate(title) for title in titles)


MAX_ROWS = 10
"""Rows that are shown of a list; the JSON report has more."""


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """Yield the lines of a table; its cells must be escaped."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
