"""Formatting for reports: money, counts, shares and times as text, Markdown tables, and translated words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from core.i18n.language import Language
from core.i18n.text import Figure, Text, join_texts, plural_text, text, verbatim_text
from workloads.analysis.estimate import Basis, Bound
from workloads.report.escaping import escape_name, escape_prose

Number = int | float | Decimal

PLURAL_UNITS = ("requests", "tokens", "reads")

SENTENCE_ENDS = (".", "?", "!", "…", "。", "？", "！")  # noqa: RUF001 - those of other scripts


def format_money(usd: Decimal) -> Figure:
    """To the cent; below a dollar to four places and to the first digit at least: a small saving is not none."""
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    places = 2 if size >= 1 or not size else max(4, -size.adjusted())
    return Figure(f"{sign}${size:,.{places}f}")


def format_bounded_money(usd: Decimal, bound: Bound) -> Text:
    """Money that says whether it is a bound: "up to $5.30"."""
    match bound:
        case Bound.UPPER:
            return text("up to {usd}", usd=format_money(usd))
        case Bound.LOWER:
            return text("at least {usd}", usd=format_money(usd))
        case Bound.ESTIMATE:
            return join_texts("", (format_money(usd),))


def end_sentence(words: str) -> Text:
    """Words, said already, with a full stop at their end."""
    return verbatim_text(words) if words.endswith(SENTENCE_ENDS) else text("{words}.", words=words)


def format_price(usd: Decimal) -> Figure:
    """As many places as the price has, two at least."""
    places = max(2, -int(usd.normalize().as_tuple().exponent))
    return Figure(f"${usd:,.{places}f}")


def format_percent(share: float) -> Figure:
    return Figure(f"{share * 100:.1f} %")


def format_count(number: Number) -> Figure:
    return Figure(f"{number:,}" if isinstance(number, int) else f"{float(number):,.4g}")


def format_value(number: Number | str, unit: str) -> str:
    """A value of evidence with its unit: a Text or Figure, or the log's own words."""
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
"""What a step's effort and risk begin with."""


@dataclass(frozen=True, slots=True)
class ReportFormatter:
    """Every method gives what may stand in Markdown. What is said in a sentence must be so already."""

    language: Language

    def translate(self, words: str) -> str:
        """A sentence of ours, with Markdown of its own."""
        return self.language.translate(words)

    def to_prose(self, words: str) -> str:
        """Words that may hold some of the log's."""
        return escape_prose(self.language.translate(words))

    def to_sentence(self, words: str) -> str:
        """The same with a full stop at their end."""
        return self.to_prose(end_sentence(self.language.translate(words)))

    def to_inline_title(self, title: str) -> str:
        """A title within a sentence."""
        return escape_prose(self.language.translate_inline(title))

    def to_name(self, given: str | None) -> str:
        """A name from the log."""
        return self.language.translate(escape_name(given))

    def label_basis(self, basis: Basis) -> str:
        return self.language.translate(BASIS_LABELS[basis])

    def label_level(self, words: str) -> str:
        """ "low - why", as a step's effort and risk are told."""
        level, dash, why = self.language.translate(words).partition(" - ")
        return self.to_prose(
            join_texts(dash, (LEVEL_LABELS.get(level, level), why)) if dash else LEVEL_LABELS.get(level, level)
        )

    def translate_head(self, *titles: str) -> tuple[str, ...]:
        """Those of a table's columns."""
        return tuple(self.language.translate(each) for each in titles)


MAX_ROWS = 10
"""Rows that a reader is shown of a list; the JSON has more."""


def render_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """Lines of a table; cells must be escaped already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
