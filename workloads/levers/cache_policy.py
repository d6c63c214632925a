"""Settings for using a provider's prompt cache, as SQL over the replay: tokens read, tokens written and the saving."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.cache_replay import LONG, SHORT, TTLS, build_replay

USES_CACHE = "cache_read + cache_write + written_1h > 0"
"""Whether the log shows that a request used the cache."""


class Writes(StrEnum):
    """Which prefixes are written. Only the first two can be run: the last one needs to know the future."""

    ALL = "all"
    SEEN = "seen"  # from their second use on
    READ_AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSetting:
    """How long prefixes are cached, in seconds, and which are written; `ttl` None: by a provider that caches by itself.

    The properties are SQL over build_replay_sql: to which requests it applies, the additional tokens that they read and
    write, and the USD saved. A request that the log shows as using the cache keeps its own marks: it writes nothing
    more, and reads nothing more within an hour. An hour has to have a price in the list.
    """

    ttl: int | None
    writes_which: Writes

    @property
    def is_long(self) -> bool:
        return self.ttl == LONG

    @property
    def applies(self) -> str:
        if self.ttl is None:
            return "is_cache_automatic"
        return f"NOT is_cache_automatic{' AND p_write_1h > p_write' if self.is_long else ''}"

    @property
    def reads(self) -> str:
        reads = f"greatest(0, least({build_cacheable_sql(self._hit)} - cache_read, fresh_input))"
        return f"CASE WHEN {USES_CACHE} THEN 0 ELSE {reads} END" if self.is_long else reads

    @property
    def writes(self) -> str:
        prefix = build_cacheable_sql(
            {Writes.ALL: "r.input", Writes.SEEN: "r.seen", Writes.READ_AGAIN: self._pick("again")}[self.writes_which]
        )
        return f"""CASE WHEN {USES_CACHE} THEN 0
            ELSE greatest(0, least({prefix} - {build_cacheable_sql(self._hit)}, fresh_input - {self.reads})) END"""

    @property
    def saving(self) -> str:
        write = "p_write_1h" if self.is_long else "p_write"
        money = f"({self.reads} * (p_fresh - p_read) - {self.writes} * ({write} - p_fresh))::DECIMAL(24,12)"
        return f"coalesce(sum({money}) FILTER ({self.applies}), 0)"

    @property
    def _hit(self) -> str:
        return self._pick("hit_seen" if self.writes_which is Writes.SEEN else "hit")

    def _pick(self, column: str) -> str:
        if self.ttl is not None:
            return f"r.{column}_{self.ttl}"
        return f"CASE cache_ttl {' '.join(f'WHEN {ttl} THEN r.{column}_{ttl}' for ttl in TTLS)} END"


AUTOMATIC = CacheSetting(ttl=None, writes_which=Writes.ALL)
"""What providers do that cache by themselves."""

RUNNABLE = tuple(
    CacheSetting(ttl=ttl, writes_which=which) for ttl in (SHORT, LONG) for which in (Writes.SEEN, Writes.ALL)
)
HINDSIGHT = tuple(CacheSetting(ttl=ttl, writes_which=Writes.READ_AGAIN) for ttl in (SHORT, LONG))


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSavings:
    """USD saved on the log as it is: by each of RUNNABLE and HINDSIGHT where prompts have to be marked for caching, and
    at most where the provider caches by itself."""

    runnable: tuple[Decimal, ...]
    hindsight: tuple[Decimal, ...]
    automatic: Decimal

    @property
    def best(self) -> CacheSetting | None:
        """Return the best setting that can be run; None if each loses money or there is nothing to mark."""
        most = max(self.runnable)
        return RUNNABLE[self.runnable.index(most)] if most > 0 else None

    @property
    def bound(self) -> Decimal:
        """Return the saving with perfect foresight, which no setting can reach."""
        return max(*self.runnable, *self.hindsight, Decimal(0))


def build_cacheable_sql(prefix: str) -> str:
    """Return SQL for the tokens of a prefix that the provider caches, given its minimum and step."""
    return (
        f"CASE WHEN {prefix} < cache_minimum THEN 0 "
        f"ELSE cache_minimum + ({prefix} - cache_minimum) // cache_step * cache_step END"
    )


def build_replay_sql(log: PricedLog, state: LogState) -> str:
    """Return the relation for the SQL of settings."""
    return f"{build_replay(log, state)} r JOIN {state.relation} s USING (row)"


def measure_savings(log: PricedLog) -> CacheSavings:
    """Return what each setting saves on the log as it is."""
    sums = ", ".join(f"{setting.saving} AS s{n}" for n, setting in enumerate((*RUNNABLE, *HINDSIGHT, AUTOMATIC)))
    table = log.create_table(
        "cache_savings", f"CREATE TEMP TABLE cache_savings AS SELECT {sums} FROM {build_replay_sql(log, INITIAL_STATE)}"
    )
    values = tuple(Decimal(value) for value in log.fetch_one(f"FROM {table}"))
    count = len(RUNNABLE)
    return CacheSavings(runnable=values[:count], hindsight=values[count:-1], automatic=values[-1])


def sum_tokens(log: PricedLog, settings: Sequence[CacheSetting]) -> tuple[int, int]:
    """Return the additional tokens read and written with these settings, of which at most one applies to a request."""
    if not settings:
        return 0, 0
    reads, writes = (
        " + ".join(
            f"coalesce(sum({getattr(setting, kind)}) FILTER ({setting.applies}), 0)::BIGINT" for setting in settings
        )
        for kind in ("reads", "writes")
    )
    row = log.fetch_one(f"SELECT {reads}, {writes} FROM {build_replay_sql(log, INITIAL_STATE)}")
    return row[0], row[1]
