"""Attribute the residual between an invoice and a log to causes, one after the other, so that they sum to it exactly.

The order: what is no usage, days of which one side has nothing, models of which one side has nothing, service tiers,
ways of counting, one factor on everything, incomplete days, kinds of tokens, rounding. What is left is unexplained."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.checks.hypotheses import OTHER_TIERS, Hypothesis
from workloads.invoices.invoice import BilledCosts, InvoiceLine, LineKind, ResidualCause
from workloads.invoices.logged import LoggedCell

TOLERANCE = Decimal("0.005")
NOTHING = Decimal(0)
MAX_NAMES = 4
_Cell = tuple[date | None, str]


@dataclass(slots=True, kw_only=True)
class Residuals:
    """The causes found so far."""

    causes: list[ResidualCause] = field(default_factory=list)

    def add(self, name: str, what: Text, amount: Decimal) -> None:
        if amount:
            self.causes.append(ResidualCause(name=name, what=what, amount=amount))

    @property
    def total(self) -> Decimal:
        return sum((cause.amount for cause in self.causes), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides of the comparison of usage by day and model, whose names are the same on both."""

    billed: Mapping[_Cell, Sequence[InvoiceLine]]
    logged: Mapping[_Cell, Sequence[LoggedCell]]
    hypotheses: Sequence[Hypothesis]

    def sum_billed(self, cells: Iterable[_Cell]) -> Decimal:
        return sum((line.amount for cell in cells for line in self.billed.get(cell, ())), NOTHING)

    def sum_logged(self, cells: Iterable[_Cell]) -> Decimal:
        return sum((each.cost for cell in cells for each in self.logged.get(cell, ())), NOTHING)

    def sum_hypothesis(self, cells: Iterable[_Cell], place: int) -> Decimal:
        amounts = (each.others[place] for cell in cells for each in self.logged.get(cell, ()))
        return sum((amount or NOTHING for amount in amounts), NOTHING)

    def has_hypothesis(self, cells: Iterable[_Cell], place: int) -> bool:
        return all(each.others[place] is not None for cell in cells for each in self.logged.get(cell, ()))


def explain_residual(
    invoice: BilledCosts, sides: Sides, fees: Decimal, unpriced: frozenset[str]
) -> list[ResidualCause]:
    """Return the causes of the residual: of fees (`fees` were logged), then of usage."""
    found = Residuals()
    _explain_other_lines(invoice, fees, found)
    cells = {*sides.billed, *sides.logged}
    cells = _explain_days(sides, cells, found)
    cells = _explain_models(sides, cells, unpriced, found)
    by_model: dict[str, list[_Cell]] = defaultdict(list)
    for cell in sorted(cells, key=lambda each: (each[1], str(each[0]))):
        by_model[cell[1]].append(cell)
    rest = [each for model, each in sorted(by_model.items()) if not _explain_model(sides, model, each, found)]
    if rest and not _explain_by_factor(sides, rest, found):
        for each in rest:
            _explain_rest(sides, each, found)
    return found.causes


def _explain_other_lines(invoice: BilledCosts, fees: Decimal, found: Residuals) -> None:
    amounts: dict[LineKind, Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        amounts[line.kind] += line.amount
    found.add("taxes", text("taxes"), amounts[LineKind.TAX])
    found.add("credits", text("credits, refunds and discounts on lines of their own"), amounts[LineKind.CREDIT])
    found.add("fees", text("fees that are not for tokens, such as searches and storage"), amounts[LineKind.FEE] - fees)


def _explain_days(sides: Sides, cells: set[_Cell], found: Residuals) -> set[_Cell]:
    billed_days = {day for day, _ in sides.billed if day is not None}
    logged_days = {day for day, _ in sides.logged if day is not None}
    if not billed_days or not logged_days:
        return cells
    outside = {cell for cell in cells if cell[0] is not None and not min(billed_days) <= cell[0] <= max(billed_days)}
    what = text("days in the log that the invoice does not cover: {days}", days=_list_days(outside))
    found.add("days_not_billed", what, -sides.sum_logged(outside))
    missing = {cell for cell in cells if cell[0] is not None and cell[0] in billed_days - logged_days}
    what = text("days that are missing from the log: {days}", days=_list_days(missing))
    found.add("days_not_logged", what, sides.sum_billed(missing))
    return cells - outside - missing


def _explain_models(sides: Sides, cells: set[_Cell], unpriced: frozenset[str], found: Residuals) -> set[_Cell]:
    billed = {model for cell in cells for model in [cell[1]] if cell in sides.billed}
    logged = {model for cell in cells for model in [cell[1]] if cell in sides.logged}
    for models, name, what in (
        (billed - logged - unpriced - {""}, "models_not_logged", "billed"),
        ((billed - logged) & unpriced, "models_without_price", "unpriced"),
        ((billed - logged) & {""}, "lines_without_model", "unnamed"),
        (logged - billed, "models_not_billed", "logged"),
    ):
        gone = {cell for cell in cells if cell[1] in models}
        amount = sides.sum_billed(gone) - sides.sum_logged(gone)
        found.add(name, _describe_models(what, models), amount)
        cells = cells - gone
    return cells


def _describe_models(what: str, models: Iterable[str]) -> Text:
    names = join_texts(", ", sorted(models)[:MAX_NAMES])
    match what:
        case "billed":
            return text("models that are not in the log: {models}", models=names)
        case "unpriced":
            return text("models in the log that have no price here: {models}", models=names)
        case "unnamed":
            return text("lines of the invoice that name no model")
    return text("models in the log that are not on the invoice: {models}", models=names)


def _explain_model(sides: Sides, model: str, cells: list[_Cell], found: Residuals) -> bool:
    """Explain the model's difference by its rounding, a service tier or a way of counting. Returns whether one fits."""
    if _is_close(sides, cells, None):
        found.add("small", text("differences below 0.5% of a model, such as rounding"), _gap(sides, cells))
        return True
    for place, hypothesis in enumerate(sides.hypotheses):
        if hypothesis.name != "none" and sides.has_hypothesis(cells, place) and _is_close(sides, cells, place):
            supposed = sides.sum_hypothesis(cells, place)
            what = text("{model}: {what}", model=model or text("all models"), what=hypothesis.what)
            found.add(hypothesis.name, what, supposed - sides.sum_logged(cells))
            what = text("differences below 0.5% of a model, such as rounding")
            found.add("small", what, sides.sum_billed(cells) - supposed)
            return True
    return _explain_tiers(sides, model, cells, found)


def _explain_tiers(sides: Sides, model: str, cells: list[_Cell], found: Residuals) -> bool:
    """Explain the difference by lines of the invoice that name a service tier which the log does not."""
    logged, effect = sides.sum_logged(cells), NOTHING
    names: list[str] = []
    for place, hypothesis in enumerate(sides.hypotheses):
        if hypothesis.name not in OTHER_TIERS or not sides.has_hypothesis(cells, place) or not logged:
            continue
        lines = (line for cell in cells for line in sides.billed.get(cell, ()) if line.tier == hypothesis.name)
        amount = sum((line.amount for line in lines), NOTHING)
        share = sides.sum_hypothesis(cells, place) / logged
        if amount and share:
            effect += amount - amount / share
            names.append(hypothesis.name)
    if not effect or abs(_gap(sides, cells) - effect) > TOLERANCE * sides.sum_billed(cells):
        return False
    what = text(
        "{model}: billed at the price of {tiers}, which the log does not name", model=model, tiers=", ".join(names)
    )
    found.add("tiers", what, _gap(sides, cells))
    return True


def _explain_by_factor(sides: Sides, models: list[list[_Cell]], found: Residuals) -> bool:
    """Explain the differences of these models by one factor on all of them, seen in at least three of their days."""
    cells = [cell for each in models for cell in each]
    pairs = [(sides.sum_billed([cell]), sides.sum_logged([cell])) for cell in cells]
    squares = sum((y * y for _, y in pairs), NOTHING)
    if len(pairs) < 3 or not squares:
        return False
    factor = sum((x * y for x, y in pairs), NOTHING) / squares
    error = sum((abs(x - factor * y) for x, y in pairs), NOTHING)
    if error > TOLERANCE * sum((abs(x) for x, _ in pairs), NOTHING):
        return False
    found.add("factor", describe_factor(factor), _gap(sides, cells))
    return True


def describe_factor(factor: Decimal) -> Text:
    percent = FormattedNumber(f"{abs(factor - 1) * 100:.1f}%")
    if factor < 1:
        return text("everything is billed {percent} lower: a discount, or earlier prices", percent=percent)
    return text("everything is billed {percent} higher: a gateway's margin, or other prices", percent=percent)


def _explain_rest(sides: Sides, cells: list[_Cell], found: Residuals) -> None:
    """Explain a model by days that are incomplete, if most days agree, and else by kinds of tokens."""
    agreeing = [cell for cell in cells if _is_close(sides, [cell], None)]
    if len(cells) > 2 and len(agreeing) * 2 >= len(cells):
        others = [cell for cell in cells if cell not in agreeing]
        more = [cell for cell in others if _gap(sides, [cell]) > 0]
        less = [cell for cell in others if _gap(sides, [cell]) < 0]
        what = text("days on which the log is incomplete: {days}", days=_list_days(more))
        found.add("days_incomplete", what, _gap(sides, more))
        what = text(
            "days on which the log has more than was billed, such as free or failed calls, or rows twice: {days}",
            days=_list_days(less),
        )
        found.add("days_with_more", what, _gap(sides, less))
        what = text("differences below 0.5% of a model, such as rounding")
        found.add("small", what, _gap(sides, agreeing))
        return
    for kind, words in _KIND_CAUSES:
        billed = sum(
            (line.amount for cell in cells for line in sides.billed.get(cell, ()) if line.kind is kind), NOTHING
        )
        logged = sum((each.kinds[kind] for cell in cells for each in sides.logged.get(cell, ())), NOTHING)
        has_kinds = any(line.kind is not LineKind.USAGE for cell in cells for line in sides.billed.get(cell, ()))
        if has_kinds and abs(billed - logged) > TOLERANCE * max(abs(billed), abs(logged)):
            found.add(f"kind_{kind}", text("{model}: {what}", model=cells[0][1], what=words), billed - logged)


_KIND_CAUSES: tuple[tuple[LineKind, Text], ...] = (
    (LineKind.FRESH_INPUT, text("fresh input billed differently from the log")),
    (LineKind.CACHE_READ, text("cached input billed differently from the log")),
    (LineKind.CACHE_WRITE, text("cache writes billed differently from the log")),
    (LineKind.OUTPUT, text("output billed differently from the log")),
)


def _gap(sides: Sides, cells: Iterable[_Cell]) -> Decimal:
    cells = list(cells)
    return sides.sum_billed(cells) - sides.sum_logged(cells)


def _is_close(sides: Sides, cells: Sequence[_Cell], place: int | None) -> bool:
    """Whether billed and logged, or a hypothesis, agree day by day."""
    off = NOTHING
    for cell in cells:
        other = sides.sum_logged([cell]) if place is None else sides.sum_hypothesis([cell], place)
        off += abs(sides.sum_billed([cell]) - other)
    return off <= TOLERANCE * max(abs(sides.sum_billed(cells)), abs(sides.sum_logged(cells)) * TOLERANCE)


def _list_days(cells: Iterable[_Cell]) -> Text:
    days = sorted({str(day) for day, _ in cells if day is not None})
    if len(days) > MAX_NAMES:
        return plural_text(
            "{first} to {last} ({n} day)", "{first} to {last} ({n} days)", first=days[0], last=days[-1], n=len(days)
        )
    return join_texts(", ", days)
