"""Policies for using a provider's prompt cache, as SQL over the replay: tokens read, tokens written and the saving."""

from dataclasses import dataclass

from workloads.analysis.prefix_cache import TTLS, build_replay
from workloads.analysis.priced_log import PricedLog, Row

OWN_TTL = "own"
"""Instead of a suffix of TTLS: the provider's own TTL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachePolicy:
    """SQL over `replay r JOIN priced` for one caching policy: additional tokens read and written, and USD saved.

    `ttl` is a suffix of prefix_cache.TTLS, or OWN_TTL. The policy writes uncached prefixes that are read again in time,
    or all of them if `writes_everything`. TTLs above 5 minutes pay the price of 1-hour writes if there is one.
    """

    ttl: str
    writes_everything: bool

    @property
    def reads(self) -> str:
        return f"greatest(0, least({build_cacheable_sql(self._build_prefix_sql('hit'))} - cache_read, fresh_input))"

    @property
    def writes(self) -> str:
        prefix = build_cacheable_sql("r.input" if self.writes_everything else self._build_prefix_sql("again"))
        cached = f"greatest({build_cacheable_sql(self._build_prefix_sql('hit'))}, cache_read) + cache_write"
        return f"greatest(0, least({prefix} - ({cached}), fresh_input - {self.reads}))"

    @property
    def saving(self) -> str:
        write = "p_write" if self.ttl in (OWN_TTL, "300") else "p_write_1h"
        money = f"({self.reads} * (p_fresh - p_read) - {self.writes} * ({write} - p_fresh))::DECIMAL(24,12)"
        return f"coalesce(sum({money}), 0)"

    def _build_prefix_sql(self, kind: str) -> str:
        if self.ttl != OWN_TTL:
            return f"r.{kind}_{self.ttl}"
        return f"CASE cache_ttl {' '.join(f'WHEN {s} THEN r.{kind}_{name}' for s, name in TTLS.items() if s)} END"


PROMISED_POLICY = CachePolicy(ttl=OWN_TTL, writes_everything=False)


def build_cacheable_sql(prefix: str) -> str:
    """Return SQL for the tokens of a prefix that the provider caches, given its minimum and step."""
    return (
        f"CASE WHEN {prefix} < cache_minimum THEN 0 "
        f"ELSE cache_minimum + ({prefix} - cache_minimum) // cache_step * cache_step END"
    )


def build_replay_sql(log: PricedLog) -> str:
    """Return the relation for the SQL of policies, without models whose cached input is no cheaper."""
    return f"{build_replay(log)} r JOIN priced p USING (row) WHERE p_read < p_fresh"


def sum_policies(log: PricedLog) -> Row:
    """Return the tokens read and written under PROMISED_POLICY, the saving if everything were written, then for each
    TTL the saving of writing what is read again and of writing everything."""
    policies = [
        CachePolicy(ttl=name, writes_everything=everything) for name in TTLS.values() for everything in (False, True)
    ]
    saved = ", ".join(
        f"{policy.saving} AS s{n}"
        for n, policy in enumerate([CachePolicy(ttl=OWN_TTL, writes_everything=True), *policies])
    )
    table = log.create_table(
        "policies",
        f"""CREATE TEMP TABLE policies AS
        SELECT coalesce(sum({PROMISED_POLICY.reads}), 0)::BIGINT AS reads,
            coalesce(sum({PROMISED_POLICY.writes}), 0)::BIGINT AS writes, {saved} FROM {build_replay_sql(log)}""",
    )
    return log.fetch_one(f"FROM {table}")
