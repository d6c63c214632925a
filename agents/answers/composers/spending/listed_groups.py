"""Whose the listed requests are: how many of them each user made, and what those cost."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from agents.answers.answer import Table, TableColumn
from agents.answers.formatting import format_name
from agents.answers.phrases import list_inline_dimensions
from agents.language.reading import Reading
from core.i18n.text import Text, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.requests import RequestList
from workloads.query.result import Cell, to_decimal

MAX_SAID = 5
"""Users that the sentence names; the table has all of them."""


def count_groups(reading: Reading, found: RequestList) -> tuple[Table, ...]:
    """Return how many of the listed requests each user made, and what they cost, for "who made them?"."""
    places = {column.name: at for at, column in enumerate(found.columns)}
    if reading.dimension not in places or len(found.rows) == 1 or reading.rank is not None:
        return ()
    counts: Counter[Cell] = Counter(row[places[reading.dimension]] for row in found.rows)
    costs: dict[Cell, list[Cell]] = defaultdict(list)
    for row in found.rows:
        costs[row[places[reading.dimension]]].append(row[places["spend"]] if "spend" in places else None)
    dimension = get_dimension(reading.dimension)
    title = text("{measures} by {by}", measures=text("Requests"), by=list_inline_dimensions((dimension.name,)))
    columns = [TableColumn(name=dimension.title), TableColumn(name=text("Requests"), unit=Unit.REQUESTS)]
    columns += [TableColumn(name=MEASURES["spend"].title, unit=Unit.USD)] if "spend" in places else []
    rows = tuple((name, n, _add(costs[name]))[: len(columns)] for name, n in counts.most_common())
    return (Table(title=title, columns=tuple(columns), rows=rows),)


def _add(costs: Sequence[Cell]) -> Decimal | None:
    """Return the sum, or None if one of them is unknown."""
    return None if None in costs else sum(map(to_decimal, costs), Decimal(0))


def name_groups(reading: Reading, groups: Table) -> Iterator[Text]:
    """Yield the users of the listed requests, each with how many of them."""
    by = reading.dimension or ""
    named = ", ".join(f"{format_name(row[0], by)} ({row[1]})" for row in groups.rows[:MAX_SAID])
    yield text("{dimension}: {name}.", dimension=groups.columns[0].name, name=named)
