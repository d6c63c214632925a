"""Exact response cache: repeats of the same prompt and parameters, answered without a call.

Only requests at temperature 0 and without tools may be answered from a cache; where the log does not say which those
are, or when a repeat came, the saving is an upper bound and stays out of the headline.
"""

from collections.abc import Mapping
from types import MappingProxyType

from netra.language.text import Text, joined, text
from workloads.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Shown, Unknown
from workloads.ledger import Ledger
from workloads.levers.base import COST, Lever, Speed, unknown

NAME, TITLE = "response_cache", text("Answer exact repeats from a response cache")
TTL = 86_400
TTLS: tuple[tuple[Text, int | None], ...] = (
    (text("{minutes} min", minutes=5), 300),
    (text("{hours} h", hours=1), 3600),
    (text("{hours} h", hours=24), TTL),
    (text("no limit"), None),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {"kept_for": text("kept for"), "repeats": text("repeats"), "saving_usd": text("saving")}
)

TIMED = joined("; ", (text("cost of exact repeats within 24 h of the prompt's last answer"), COST))
UNTIMED = joined("; ", (text("cost of exact repeats"), COST))

FIELDS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "temperature": ("temperature", text("Every repeat is taken as fit for a cache: the log tells no temperature")),
        "has_tools": (
            "tools",
            text("Every repeat is taken as fit for a cache: the log does not tell whether tools were offered"),
        ),
        "at": ("time", text("Every repeat is taken to come within 24 h: the log tells no times")),
    }
)
"""Columns that tell which repeats a cache can answer: the field that brings each, and what is assumed without it."""

ELIGIBLE = "prompt_hash IS NOT NULL AND coalesce(temperature, {temperature}) = 0 AND NOT coalesce(has_tools, false)"

STEPS = (
    PlanStep(
        step=text("Cache answers by model, parameters and prompt in the gateway or client, for 24 h"),
        effort=joined(" - ", ("low", text("most gateways have it built in"))),
        risk=joined(
            " - ", ("low", text("the same answer to the same question; stale where answers change within a day"))
        ),
        undo=text("Switch the cache off"),
    ),
)


def repeats(ledger: Ledger) -> str:
    """The TEMP table of eligible requests with an earlier answer to the same prompt: row, seconds since."""
    eligible = ELIGIBLE.format(temperature="NULL" if ledger.has("temperature") else "0")
    return ledger.build(
        "repeats",
        f"""CREATE TEMP TABLE repeats AS
        SELECT row, (us - last) / 1e6 AS gap FROM (
            SELECT row, us, max(us) FILTER (ok IS DISTINCT FROM false) OVER before AS last
            FROM (SELECT row, ok, epoch_us("at") AS us, prompt_hash, hash(model, provider) AS owner
                  FROM log.requests WHERE {eligible})
            WINDOW before AS (PARTITION BY owner, prompt_hash ORDER BY us, row
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE last IS NOT NULL""",
    )


def effect(ledger: Ledger) -> str | None:
    if not ledger.has("prompt_hash"):
        return None
    return f"SELECT row, 0 AS kept FROM {repeats(ledger)} WHERE gap <= {TTL}"


def estimate(ledger: Ledger) -> Estimate:
    if not ledger.has("prompt_hash"):
        return unknown(NAME, TITLE, Unknown(what=text("what exact repeats cost"), column="prompt_hash"), formula=TIMED)
    missing = tuple(lack for column, lack in FIELDS.items() if not ledger.has(column))
    saved = LEVER.saving(ledger)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.UPPER if missing else Bound.ESTIMATE,
        headline=not missing,
        formula=TIMED if ledger.timed else UNTIMED,
        assumptions=(
            text("An answer is kept 24 h after its last use; repeats while it is being made wait for it"),
            text("Equal prompt hashes mean equal prompt and parameters"),
            *(assumed for _, assumed in missing),
        ),
        evidence=_evidence(ledger),
        unknowns=tuple(Unknown(what=text("which repeats a cache may answer"), column=field) for field, _ in missing),
        steps=STEPS if saved else (),
        details=_by_ttl(ledger) if saved else (),
        headings=dict(HEADINGS),
    )


def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    requests, tokens = ledger.one(
        f"""SELECT count(*), coalesce(sum(input + output), 0)::BIGINT FROM priced
        WHERE row IN (SELECT row FROM {repeats(ledger)} WHERE gap <= {TTL})"""
    )
    found = text("exact repeats within 24 h") if ledger.timed else text("exact repeats")
    return (
        Evidence(label=found, value=requests, unit="requests"),
        Evidence(label=text("tokens of these repeats"), value=tokens, unit="tokens"),
    )


def _by_ttl(ledger: Ledger) -> tuple[dict[str, Shown], ...]:
    """By how long an answer is kept; without times only for ever."""
    ttls = TTLS if ledger.timed else TTLS[-1:]
    sums = ", ".join(
        f"count(*) FILTER ({within}), coalesce(sum(cost) FILTER ({within}), 0)"
        for within in (f"gap <= {ttl}" if ttl else "true" for _, ttl in ttls)
    )
    found = ledger.one(f"SELECT {sums} FROM {repeats(ledger)} JOIN priced USING (row)")
    pairs = zip(ttls, found[::2], found[1::2], strict=True)
    return tuple({"kept_for": label, "repeats": n, "saving_usd": cost} for (label, _), n, cost in pairs)


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=effect)
