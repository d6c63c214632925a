"""Bills whose truth is known: they are computed here from the requests, in plain Python, and then changed."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.i18n.text import text
from tests.support.workloads.builder import START, Requests
from workloads.invoices.invoice import BilledCosts, InvoiceLine, LineKind, Reconciliation
from workloads.invoices.reconcile import reconcile

pytestmark = pytest.mark.slow

D = Decimal
MILLION = D(1_000_000)
MIDNIGHT = datetime.combine(START.date(), datetime.min.time())
PRICES = {"gpt-4o": (D("2.5"), D("1.25"), D(10)), "gpt-4o-mini": (D("0.15"), D("0.075"), D("0.6"))}
"""USD per million tokens of fresh input, cached input and output, written down by hand."""


@dataclass(frozen=True)
class Call:
    at: datetime
    model: str
    fresh: int
    read: int
    output: int


def make_calls(days: int = 6, per_day: int = 30) -> list[Call]:
    dice = random.Random(7)
    return [
        Call(
            at=MIDNIGHT + timedelta(days=day, seconds=dice.randrange(86_400)),
            model=dice.choice(tuple(PRICES)),
            fresh=dice.randrange(1_000, 60_000),
            read=dice.choice((0, dice.randrange(1_000, 9_000))),
            output=dice.randrange(50, 3_000),
        )
        for day in range(days)
        for _ in range(per_day)
    ]


def bill(calls: Iterable[Call], shift: timedelta = timedelta(0)) -> list[InvoiceLine]:
    lines = []
    for call in calls:
        day = (call.at - shift).date()
        fresh, read, output = PRICES[call.model]
        for kind, amount in (
            (LineKind.FRESH_INPUT, call.fresh * fresh),
            (LineKind.CACHE_READ, call.read * read),
            (LineKind.OUTPUT, call.output * output),
        ):
            lines.append(InvoiceLine(day=day, model=call.model, kind=kind, tier=None, amount=amount / MILLION))
    return lines


def add_line(kind: LineKind, amount: str, model: str | None = None, day: date | None = None) -> InvoiceLine:
    return InvoiceLine(day=day or MIDNIGHT.date(), model=model, kind=kind, tier=None, amount=D(amount))


def compare(folder: Path, calls: list[Call], lines: list[InvoiceLine], **values: object) -> Reconciliation:
    log = Requests()
    for call in calls:
        second = (call.at - START).total_seconds()
        log.add(second, model=call.model, fresh_input=call.fresh, cache_read=call.read, output=call.output)
    invoice = BilledCosts(
        name="bill.csv", format="plain", title=text("A bill"), currency="USD", lines=tuple(lines),
        unit=D("0.000001"), rows=len(lines), others={},
    )  # fmt: skip
    return reconcile(log.write(folder).priced_log(), replace(invoice, **values))  # type: ignore[arg-type]


def sum_lines(lines: Iterable[InvoiceLine]) -> Decimal:
    return sum((line.amount for line in lines), D(0))


def get_causes(found: Reconciliation) -> dict[str, Decimal]:
    causes: dict[str, Decimal] = {}
    for cause in found.causes:
        causes[cause.name] = causes.get(cause.name, D(0)) + cause.amount
    return causes


def check_sums(found: Reconciliation) -> None:
    assert found.residual is not None
    assert found.unexplained is not None
    assert found.residual == found.billed - found.logged
    assert sum((cause.amount for cause in found.causes), D(0)) + found.unexplained == found.residual
    assert [abs(cause.amount) for cause in found.causes] == sorted((abs(c.amount) for c in found.causes), reverse=True)
    for parts in (found.by_day, found.by_kind):
        assert sum((part.billed for part in parts), D(0)) == (found.billed if parts else 0)
        assert sum((part.logged for part in parts), D(0)) == (found.logged if parts else 0)


CALLS = make_calls()
SECOND = (MIDNIGHT + timedelta(days=1)).date()


def test_the_same_on_both_sides_leaves_nothing(tmp_path: Path) -> None:
    found = compare(tmp_path, CALLS, bill(CALLS))
    check_sums(found)
    assert (found.residual, found.causes, found.unexplained, found.shift_minutes) == (D(0), (), D(0), 0)
    assert {part.name for part in found.by_kind} == {"fresh_input", "cache_read", "output"}
    assert {part.name for part in found.by_model} == set(PRICES)


def test_a_model_billed_as_batch(tmp_path: Path) -> None:
    lines = [replace(line, amount=line.amount / 2) if line.model == "gpt-4o-mini" else line for line in bill(CALLS)]
    found = compare(tmp_path, CALLS, lines)
    check_sums(found)
    assert set(get_causes(found)) == {"batch"}
    assert found.causes[0].what.startswith("gpt-4o-mini: the price of batch requests")


def test_days_that_one_side_lacks(tmp_path: Path) -> None:
    logged = [call for call in CALLS if call.at.date() != SECOND]
    billed = [call for call in CALLS if call.at.date() < SECOND + timedelta(days=3)]
    found = compare(tmp_path, logged, bill(billed))
    check_sums(found)
    missing = sum_lines(bill(call for call in CALLS if call.at.date() == SECOND))
    outside = sum_lines(bill(call for call in CALLS if call not in billed))
    assert get_causes(found) == {"days_not_logged": missing, "days_not_billed": -outside}
    assert f"days that are missing from the log: {SECOND}" in [str(cause.what) for cause in found.causes]


def test_models_that_one_side_lacks(tmp_path: Path) -> None:
    logged = [call for call in CALLS if call.model == "gpt-4o"]
    billed = [*bill(call for call in CALLS if call.model == "gpt-4o-mini"), add_line(LineKind.OUTPUT, "3", "o3")]
    found = compare(tmp_path, logged, billed)
    check_sums(found)
    assert get_causes(found) == {
        "models_not_logged": sum_lines(billed),
        "models_not_billed": -sum_lines(bill(logged)),
    }


def test_taxes_credits_and_fees(tmp_path: Path) -> None:
    more = [add_line(LineKind.TAX, "1.9"), add_line(LineKind.CREDIT, "-5"), add_line(LineKind.FEE, "0.4")]
    found = compare(tmp_path, CALLS, [*bill(CALLS), *more])
    check_sums(found)
    assert get_causes(found) == {"credits": D(-5), "taxes": D("1.9"), "fees": D("0.4")}


@pytest.mark.parametrize("hours", [-8, -5.5, 3, 10])
def test_days_that_begin_at_another_hour(tmp_path: Path, hours: float) -> None:
    found = compare(tmp_path, CALLS, bill(CALLS, timedelta(hours=hours)))
    check_sums(found)
    assert found.shift_minutes == -hours * 60
    assert found.residual == 0
    assert all(part.residual == 0 for part in found.by_day)


def test_one_discount_on_everything(tmp_path: Path) -> None:
    lines = [replace(line, amount=line.amount * D("0.88")) for line in bill(CALLS)]
    found = compare(tmp_path, CALLS, lines)
    check_sums(found)
    assert [cause.name for cause in found.causes] == ["factor"]
    assert "12.0% lower" in found.causes[0].what


def test_a_log_that_is_incomplete_on_one_day(tmp_path: Path) -> None:
    lost = {id(call) for call in [call for call in CALLS if call.at.date() == SECOND][::3]}
    logged = [call for call in CALLS if id(call) not in lost]
    found = compare(tmp_path, logged, bill(CALLS))
    check_sums(found)
    missing = sum_lines(bill(call for call in CALLS if id(call) in lost))
    assert get_causes(found) == {"days_incomplete": missing}


def test_cached_tokens_billed_as_fresh(tmp_path: Path) -> None:
    lines = [
        replace(line, amount=line.amount * 2) if line.kind is LineKind.CACHE_READ else line for line in bill(CALLS)
    ]
    found = compare(tmp_path, CALLS, lines)
    check_sums(found)
    assert set(get_causes(found)) == {"cached_as_fresh"}
    assert get_causes(found)["cached_as_fresh"] == sum_lines(lines) - sum_lines(bill(CALLS))


def test_a_difference_without_a_cause_is_named_as_that(tmp_path: Path) -> None:
    dice = random.Random(3)
    lines = [
        replace(line, kind=LineKind.USAGE, amount=line.amount * D(dice.randrange(50, 150)) / 100)
        for line in bill(CALLS)
    ]
    found = compare(tmp_path, CALLS, lines)
    check_sums(found)
    assert found.unexplained is not None
    assert found.unexplained != 0


def test_cents_are_rounding(tmp_path: Path) -> None:
    sums: dict[tuple[date | None, str | None], Decimal] = {}
    for line in bill(CALLS):
        sums[line.day, line.model] = sums.get((line.day, line.model), D(0)) + line.amount
    lines = [
        InvoiceLine(day=day, model=model, kind=LineKind.USAGE, tier=None, amount=round(amount, 2))
        for (day, model), amount in sums.items()
    ]
    found = compare(tmp_path, CALLS, lines, unit=D("0.01"))
    check_sums(found)
    assert found.unexplained == 0


def test_another_currency_is_not_compared(tmp_path: Path) -> None:
    found = compare(tmp_path, CALLS, bill(CALLS), currency="EUR")
    assert (found.residual, found.unexplained, found.causes, found.by_day) == (None, None, (), ())
    assert "can't be compared" in found.notes[0]


def test_an_invoice_without_models_or_days(tmp_path: Path) -> None:
    total = sum_lines(bill(CALLS))
    found = compare(tmp_path, CALLS, [InvoiceLine(day=None, model=None, kind=LineKind.USAGE, tier=None, amount=total)])
    check_sums(found)
    assert (found.residual, found.by_day, found.by_model) == (D(0), (), ())


@pytest.mark.parametrize(
    "change", [lambda lines: lines, lambda lines: [replace(x, amount=x.amount / 2) for x in lines]]
)
def test_the_order_of_rows_and_lines_changes_nothing(
    tmp_path: Path, change: Callable[[list[InvoiceLine]], list[InvoiceLine]]
) -> None:
    (tmp_path / "other").mkdir()
    lines = [*change(bill(CALLS)), add_line(LineKind.TAX, "1")]
    one = compare(tmp_path, CALLS, lines)
    other = compare(tmp_path / "other", CALLS[::-1], lines[::-1])
    assert one == other
