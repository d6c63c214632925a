"""Exact response cache: repeats of a prompt with the same parameters are answered without a call.

Only requests at temperature 0 and without tools may be answered from a cache. If the log does not show which those are,
or has no times, the saving is an upper bound and stays out of the headline."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate
from workloads.pricing.constraints import ExcludedChange

NAME, TITLE = "response_cache", text("Cache responses to identical prompts")
TTL = 86_400
TTLS: tuple[tuple[Text, int | None], ...] = (
    (text("{minutes} min", minutes=5), 300),
    (text("{hours} h", hours=1), 3600),
    (text("{hours} h", hours=24), TTL),
    (text("no expiry"), None),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {"kept_for": text("cache lifetime"), "repeats": text("repeats"), "saving_usd": text("saving")}
)

TIMED_FORMULA = join_texts("; ", (text("cost of exact repeats within 24 h of the previous answer"), COST_FORMULA))
UNTIMED_FORMULA = join_texts("; ", (text("cost of exact repeats"), COST_FORMULA))

ELIGIBILITY_FIELDS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "temperature": ("temperature", text("All repeats are assumed cacheable because the log has no temperature")),
        "has_tools": (
            "tools",
            text("All repeats are assumed cacheable because the log does not show whether tools were offered"),
        ),
        "at": ("time", text("All repeats are assumed to come within 24 h because the log has no times")),
    }
)
"""Columns that show which repeats a cache can answer, their fields, and the assumptions without them."""

ELIGIBLE_SQL = "prompt_hash IS NOT NULL AND coalesce(temperature, {temperature}) = 0 AND NOT coalesce(has_tools, false)"

STEPS = (
    PlanStep(
        step=text("Cache responses for 24 h in the gateway or client, keyed by model, parameters and prompt"),
        effort=join_texts(" - ", ("low", text("built into most gateways"))),
        risk=join_texts(
            " - ", ("low", text("identical questions get identical answers; stale where answers change within a day"))
        ),
        undo=text("Turn off the cache"),
    ),
)


def build_repeats(log: PricedLog) -> str:
    """Create the TEMP table of eligible requests with an earlier answer to the same prompt: row, gap in seconds.

    Returns its name.
    """
    eligible = ELIGIBLE_SQL.format(temperature="NULL" if log.has_columns("temperature") else "0")
    return log.create_table(
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


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not log.has_columns("prompt_hash"):
        return None
    return f"""SELECT row, true AS is_avoided FROM {build_repeats(log)} JOIN {state.relation} s USING (row)
        WHERE gap <= {TTL} AND is_made"""


def estimate(log: PricedLog) -> Estimate:
    if not log.has_columns("prompt_hash"):
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("the cost of exact repeats"), column="prompt_hash"), formula=TIMED_FORMULA
        )
    missing = tuple(field for column, field in ELIGIBILITY_FIELDS.items() if not log.has_columns(column))
    saved = LEVER.compute_saving(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.MODELLED,
        bound=Bound.UPPER if missing else Bound.ESTIMATE,
        headline=not missing,
        formula=TIMED_FORMULA if log.has_times else UNTIMED_FORMULA,
        assumptions=(
            text(
                "A response stays cached for 24 h after its last use; repeats of a request in progress wait for "
                "its response"
            ),
            text("Requests with the same prompt hash have the same prompt and parameters"),
            *(assumed for _, assumed in missing),
        ),
        evidence=_list_evidence(log),
        unknowns=tuple(Unknown(what=text("which repeats a cache can answer"), column=field) for field, _ in missing),
        steps=STEPS if saved else (),
        details=_list_savings_by_ttl(log) if saved else (),
        headings=dict(HEADINGS),
    )


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    requests, tokens = log.fetch_one(
        f"""SELECT count(*), coalesce(sum(input + output), 0)::BIGINT FROM priced
        WHERE row IN (SELECT row FROM {build_repeats(log)} WHERE gap <= {TTL})"""
    )
    label = text("exact repeats within 24 h") if log.has_times else text("exact repeats")
    return (
        Evidence(label=label, value=requests, unit="requests"),
        Evidence(label=text("tokens in these repeats"), value=tokens, unit="tokens"),
    )


def _list_savings_by_ttl(log: PricedLog) -> tuple[dict[str, DisplayValue], ...]:
    """Return the savings by how long an answer is cached; without times only the one without expiry."""
    ttls = TTLS if log.has_times else TTLS[-1:]
    sums = ", ".join(
        f"count(*) FILTER ({within}), coalesce(sum(cost) FILTER ({within}), 0)"
        for within in (f"gap <= {ttl}" if ttl else "true" for _, ttl in ttls)
    )
    row = log.fetch_one(f"SELECT {sums} FROM {build_repeats(log)} JOIN priced USING (row)")
    pairs = zip(ttls, row[::2], row[1::2], strict=True)
    return tuple({"kept_for": label, "repeats": n, "saving_usd": cost} for (label, _), n, cost in pairs)


LEVER = Lever(
    name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=build_effect_sql, change=ExcludedChange.CACHES
)
