"""The sources of requests that could be sent as batches, with the user's answers: scheduled ones and those answered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.batch_prices import build_batchable, select_effect
from workloads.levers.scheduling import DIMENSIONS, Schedule, list_schedules

LEVER_NAME = "batch"
EVERYTHING = "everything"
"""The dimension of the answer for all traffic, whose scope is empty."""

RANK_STEP = 10_000
DENIED, CONFIRMED, OPEN = 0, 1, 2
"""An answered source goes before an open one where a request belongs to several; what was denied stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSource:
    """A feature, key or user, or all traffic, and what its requests cost now and in a batch, in USD.

    `answer`: True if its requests can wait, False if not, None: the user has not said. `uncached_cost`: the cost of a
    batch that reads nothing from a cache. The amounts are those of requests that no other source counts.
    """

    dimension: str
    name: str
    schedule: Schedule | None
    answer: bool | None
    rank: int = 0
    requests: int = 0
    cost: Decimal = Decimal(0)
    batch_cost: Decimal = Decimal(0)
    uncached_cost: Decimal = Decimal(0)

    @property
    def saving(self) -> Decimal:
        return self.cost - self.batch_cost

    @property
    def scope(self) -> str:
        return "" if self.dimension == EVERYTHING else self.name


def list_sources(log: PricedLog) -> tuple[BatchSource, ...]:
    """Return the sources that would save something, those that save most first."""
    sources = _rank_sources(_find_sources(log))
    if not sources:
        return ()
    table = _store_ranks(log, sources)
    amounts = {
        rank: rest
        for rank, *rest in log.fetch_all(
            f"""SELECT rank, count(*), sum(cost), sum(batch_cost), sum(uncached_cost)
            FROM {build_batchable(log)} JOIN {table} USING (row) GROUP BY rank"""
        )
    }
    found = (
        replace(source, requests=requests, cost=cost, batch_cost=batch, uncached_cost=uncached)
        for source in sources
        for requests, cost, batch, uncached in [amounts.get(source.rank, (0, Decimal(0), Decimal(0), Decimal(0)))]
    )
    worth = (source for source in found if source.saving > 0 and not _is_remainder(source))
    return tuple(sorted(worth, key=lambda source: -source.saving))


def _is_remainder(source: BatchSource) -> bool:
    """Whether these are the few requests of a scheduled key or user that no scheduled feature of it counts."""
    schedule = source.schedule
    if schedule is None or source.answer is not None or source.dimension == DIMENSIONS[0]:
        return False
    return 2 * source.requests < schedule.requests


def list_unknown_scopes(log: PricedLog) -> tuple[str, ...]:
    """Return the scopes of answers that the log has no feature, key or user for."""
    known = {source.name.casefold() for source in _find_sources(log)}
    return tuple(scope for scope in _get_answers(log) if scope and scope.casefold() not in known)


def select_source_effect(log: PricedLog, state: LogState, ranks: Sequence[int]) -> str:
    """Return a SELECT of the effect on the requests of sources that `list_sources` returned."""
    wanted = ", ".join(map(str, ranks)) or "NULL"
    return select_effect(log, state, f"row IN (SELECT row FROM batch_ranks WHERE rank IN ({wanted}))")


def _get_answers(log: PricedLog) -> dict[str, bool]:
    """Return the user's answers for this lever by scope."""
    return {
        answer.scope.strip(): answer.value
        for answer in log.assumptions.answers
        if answer.lever == LEVER_NAME and isinstance(answer.value, bool)
    }


def _find_sources(log: PricedLog) -> list[BatchSource]:
    answers = _get_answers(log)
    by_name = {scope.casefold(): value for scope, value in answers.items() if scope}
    scheduled = [
        BatchSource(
            dimension=schedule.dimension,
            name=schedule.name,
            schedule=schedule,
            answer=by_name.get(schedule.name.casefold()),
        )
        for schedule in list_schedules(log)
    ]
    known = {source.name.casefold() for source in scheduled}
    named = [
        BatchSource(dimension=dimension, name=name, schedule=None, answer=by_name[name.casefold()])
        for dimension, name in _find_names(log, [scope for scope in by_name if scope not in known])
    ]
    everything = [
        BatchSource(dimension=EVERYTHING, name="", schedule=None, answer=value)
        for scope, value in answers.items()
        if not scope and value
    ]
    return [*scheduled, *named, *everything]


def _find_names(log: PricedLog, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return (dimension, value) of the log's values that are called so, in the first dimension that has the name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for column in DIMENSIONS:
        wanted = [name for name in names if name not in found]
        if not (wanted and log.has_columns(column)):
            continue
        rows = log.fetch_all(
            f"""SELECT DISTINCT {column} FROM log.requests
            WHERE lower({column}) IN (SELECT lower(unnest($names))) ORDER BY 1""",
            {"names": wanted},
        )
        for (value,) in rows:
            if value.casefold() in wanted:
                found.setdefault(value.casefold(), []).append((column, value))
    return [entry for entries in found.values() for entry in entries]


def _rank_sources(sources: Sequence[BatchSource]) -> tuple[BatchSource, ...]:
    """Return the sources in the order in which they claim requests: denied, confirmed, open; all traffic last."""
    groups = {False: DENIED, True: CONFIRMED, None: OPEN}
    order = [*DIMENSIONS, EVERYTHING]
    ordered = sorted(sources, key=lambda source: (groups[source.answer], order.index(source.dimension)))
    return tuple(
        replace(source, rank=groups[source.answer] * RANK_STEP + place) for place, source in enumerate(ordered)
    )


def _store_ranks(log: PricedLog, sources: Sequence[BatchSource]) -> str:
    """Create the TEMP tables of sources, and of each request's first one. Returns the latter's name."""
    log.create_table("batch_sources", "CREATE TEMP TABLE batch_sources (dimension VARCHAR, name VARCHAR, rank INTEGER)")
    (stored,) = log.fetch_one("SELECT count(*) FROM batch_sources")
    if not stored:
        log.fetch_all(
            "INSERT INTO batch_sources SELECT unnest($dimensions), unnest($names), unnest($ranks)",
            {
                "dimensions": [source.dimension for source in sources],
                "names": [source.name for source in sources],
                "ranks": [source.rank for source in sources],
            },
        )
    present = [column for column in DIMENSIONS if log.has_columns(column)]
    joins = " ".join(
        f"LEFT JOIN batch_sources {column}_source ON {column}_source.dimension = '{column}' "
        f"AND {column}_source.name = r.{column}"
        for column in present
    )
    everything = next((str(source.rank) for source in sources if source.dimension == EVERYTHING), "NULL")
    ranks = ", ".join([*(f"{column}_source.rank" for column in present), everything])
    return log.create_table(
        "batch_ranks",
        f"""CREATE TEMP TABLE batch_ranks AS
        SELECT row, least({ranks})::INTEGER AS rank FROM scoped r {joins} WHERE least({ranks}) IS NOT NULL""",
    )
