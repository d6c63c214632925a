"""Ways to use a provider's prompt cache, as SQL over the replay: what is read, what is written, what that saves."""

from dataclasses import dataclass

from workloads.ledger import Ledger, Row
from workloads.replay import TTLS, replay

OWN = "own"
"""In place of a suffix of TTLS: the provider's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """SQL over `replay r JOIN priced` for one way to cache: tokens newly read and newly written, and USD saved.

    `ttl` is a suffix of replay.TTLS, or OWN for the provider's time. Written is what is re-read in time and not
    cached yet, or `everything` that is not. Longer times than 5 minutes pay the price of 1-hour writes where there
    is one.
    """

    ttl: str
    everything: bool

    @property
    def reads(self) -> str:
        return f"greatest(0, least({caching(self._prefix('hit'))} - cache_read, fresh_input))"

    @property
    def writes(self) -> str:
        prefix = caching("r.input" if self.everything else self._prefix("again"))
        cached = f"greatest({caching(self._prefix('hit'))}, cache_read) + cache_write"
        return f"greatest(0, least({prefix} - ({cached}), fresh_input - {self.reads}))"

    @property
    def saved(self) -> str:
        write = "p_write" if self.ttl in (OWN, "300") else "p_write_1h"
        money = f"({self.reads} * (p_fresh - p_read) - {self.writes} * ({write} - p_fresh))::DECIMAL(24,12)"
        return f"coalesce(sum({money}), 0)"

    def _prefix(self, kind: str) -> str:
        if self.ttl != OWN:
            return f"r.{kind}_{self.ttl}"
        return f"CASE cache_ttl {' '.join(f'WHEN {s} THEN r.{kind}_{name}' for s, name in TTLS.items() if s)} END"


PROMISED = Policy(ttl=OWN, everything=False)


def caching(prefix: str) -> str:
    """SQL: the tokens of a cached prefix that count under the provider's minimum and step, else 0."""
    return (
        f"CASE WHEN {prefix} < cache_minimum THEN 0 "
        f"ELSE cache_minimum + ({prefix} - cache_minimum) // cache_step * cache_step END"
    )


def replayed(ledger: Ledger) -> str:
    """What a Policy's SQL is over; models whose cached input is no cheaper are left out."""
    return f"{replay(ledger)} r JOIN priced p USING (row) WHERE p_read < p_fresh"


def sums(ledger: Ledger) -> Row:
    """Tokens read and written as promised, the saving if everything were written, then for each of TTLS the saving
    of writing what is re-read and of writing everything."""
    policies = [Policy(ttl=name, everything=everything) for name in TTLS.values() for everything in (False, True)]
    saved = ", ".join(
        f"{policy.saved} AS s{n}" for n, policy in enumerate([Policy(ttl=OWN, everything=True), *policies])
    )
    table = ledger.build(
        "policies",
        f"""CREATE TEMP TABLE policies AS
        SELECT coalesce(sum({PROMISED.reads}), 0)::BIGINT AS reads,
            coalesce(sum({PROMISED.writes}), 0)::BIGINT AS writes, {saved} FROM {replayed(ledger)}""",
    )
    return ledger.one(f"FROM {table}")
