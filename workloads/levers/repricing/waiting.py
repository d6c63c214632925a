"""Requests that nobody waits for, by source, for levers that make them slower: what each source would save.

Only the user knows what can wait. Scheduled work is found and asked about by name; what was confirmed, for this lever
or for batches, is in the headline, the rest are candidates. Nothing is promised for other traffic."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.repricing.offers import EFFECT_PRICES, Offer, build_offered_costs, is_unchanged_sql
from workloads.levers.scheduling import DIMENSIONS, list_schedules

MAX_QUESTIONS = 5  # open ones; each is tried in the waterfall
BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSource:
    """A feature, key or user that nobody may be waiting for. `answer`: what the user said, None if nothing; `rank` is
    its place among the sources. USD: what its requests cost now and would cost, of those that no other source has."""

    dimension: str
    name: str
    answer: bool | None
    scheduled: int = 0  # its scheduled requests, other sources' included
    rank: int = 0
    requests: int = 0
    now: Decimal = Decimal(0)
    then: Decimal = Decimal(0)

    @property
    def saving(self) -> Decimal:
        return self.now - self.then


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRule:
    """A lever that changes the price of requests that can wait: `offers` of the log, and `where`, SQL about `p`, the
    priced requests that it is for."""

    lever: str
    offers: tuple[Offer, ...]
    where: str


def list_sources(log: PricedLog, rule: WaitingRule) -> tuple[WaitingSource, ...]:
    """Return the sources that would save something, those that save most first."""
    sources = _find_sources(log, rule)
    if not (sources and rule.offers):
        return ()
    amounts = {
        rank: rest
        for rank, *rest in log.fetch_all(
            f"""SELECT rank, count(*), sum(now_cost), sum(t_cost) FROM {build_costs(log, rule)}
            JOIN {_build_ranks(log, rule, sources)} USING (row) GROUP BY rank"""
        )
    }
    found = (
        replace(source, requests=amounts[source.rank][0], now=amounts[source.rank][1], then=amounts[source.rank][2])
        for source in sources
        if source.rank in amounts
    )
    worth = (source for source in found if source.saving > 0 and not _is_remainder(source))
    return tuple(sorted(worth, key=lambda source: -source.saving))


def _is_remainder(source: WaitingSource) -> bool:
    """Whether these are the few requests of a scheduled key or user that no scheduled feature of it has."""
    is_open_owner = source.answer is None and source.dimension != DIMENSIONS[0]
    return is_open_owner and 2 * source.requests < source.scheduled


def build_costs(log: PricedLog, rule: WaitingRule, state: LogState = INITIAL_STATE) -> str:
    """Create the TEMP table of the requests of `state` that cost less at the rule's offers, and that no lever has put
    at another price: batch, flex, off-peak and standard prices exclude each other. Returns its name."""
    where = f"NOT s.is_batched AND {is_unchanged_sql('s', 'p')} AND now_cost > t_cost AND ({rule.where})"
    return build_offered_costs(log, state, f"{rule.lever}_costs", rule.offers, where=where)


def build_source_effect(log: PricedLog, state: LogState, rule: WaitingRule, ranks: Sequence[int]) -> str | None:
    """Return a SELECT of the effect on the requests of sources that `list_sources` returned."""
    if not ranks:
        return None
    table = _build_ranks(log, rule, _find_sources(log, rule))
    return f"""SELECT row, {EFFECT_PRICES}, true AS leaves FROM {build_costs(log, rule, state)}
        WHERE row IN (SELECT row FROM {table} WHERE rank IN ({", ".join(map(str, ranks))}))"""


def _find_sources(log: PricedLog, rule: WaitingRule) -> tuple[WaitingSource, ...]:
    """Return the scheduled sources and those that the user named, in the order in which they claim requests: denied,
    confirmed, open."""
    answers = _get_answers(log, rule.lever)
    schedules = list_schedules(log)
    scheduled = [(one.dimension, one.name, one.requests) for one in schedules]
    known = {one.name.casefold() for one in schedules}
    named = [(*one, 0) for one in _find_names(log, [name for name in answers if name not in known])]
    sources = [
        WaitingSource(dimension=dimension, name=name, answer=answers.get(name.casefold()), scheduled=requests)
        for dimension, name, requests in (*scheduled, *named)
    ]
    order = (False, True, None)
    sources.sort(key=lambda one: (order.index(one.answer), DIMENSIONS.index(one.dimension)))
    return tuple(replace(source, rank=rank) for rank, source in enumerate(sources))


def _get_answers(log: PricedLog, lever: str) -> dict[str, bool]:
    """Return the user's answers by name: what may wait for a batch may wait here, unless the user said otherwise."""
    answers: dict[str, bool] = {}
    for answer in sorted(log.assumptions.answers, key=lambda one: one.lever == lever):
        is_meant = answer.lever == lever or (answer.lever == BATCH and answer.value is True)
        if is_meant and isinstance(answer.value, bool) and answer.scope.strip():
            answers[answer.scope.strip().casefold()] = answer.value
    return answers


def _find_names(log: PricedLog, names: Sequence[str]) -> list[tuple[str, str]]:
    """Return (dimension, value) of the log's values that are called so, in the first dimension that has the name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for column in DIMENSIONS:
        wanted = [name for name in names if name not in found]
        if wanted and log.has_columns(column):
            rows = log.fetch_all(
                f"""SELECT DISTINCT {column} FROM log.requests
                WHERE lower({column}) IN (SELECT unnest($names)) ORDER BY 1""",
                {"names": wanted},
            )
            for (value,) in rows:
                found.setdefault(value.casefold(), []).append((column, value))
    return [entry for entries in found.values() for entry in entries]


def _build_ranks(log: PricedLog, rule: WaitingRule, sources: Sequence[WaitingSource]) -> str:
    """Create the TEMP table of each request's first source. Returns its name."""
    table, names = f"{rule.lever}_ranks", f"{rule.lever}_names"
    if table in log.built_tables:
        return table
    log.create_table(names, f"CREATE TEMP TABLE {names} (dimension VARCHAR, name VARCHAR, rank INTEGER)")
    log.fetch_all(
        f"INSERT INTO {names} SELECT unnest($dimensions), unnest($names), unnest($ranks)",
        {
            "dimensions": [source.dimension for source in sources],
            "names": [source.name for source in sources],
            "ranks": [source.rank for source in sources],
        },
    )
    present = [column for column in DIMENSIONS if log.has_columns(column)]
    joins = " ".join(
        f"LEFT JOIN {names} {column}_source ON {column}_source.dimension = '{column}' "
        f"AND {column}_source.name = r.{column}"
        for column in present
    )
    rank = f"least({', '.join(f'{column}_source.rank' for column in present)})"
    return log.create_table(
        table,
        f"CREATE TEMP TABLE {table} AS SELECT row, {rank}::INTEGER AS rank FROM log.requests r {joins} "
        f"WHERE {rank} IS NOT NULL",
    )
