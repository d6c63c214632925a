"""Exact response cache: repeats of a prompt with the same parameters are answered without a call.

As gateways do it: an answer is kept from when it was stored, not from its last use; errors, answers above temperature 0
and those with tools are not stored; a repeat of a request that is still in progress is a call of its own. The saving is
that of a cache per user, because an answer may be meant for its user only; what one shared cache would save stands
beside it. If the log does not show users, temperatures, tools or times, the saving is an upper bound and stays out of
the headline."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from core.i18n.text import Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, DisplayValue, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate
from workloads.pricing.constraints import ExcludedChange

NAME, TITLE = "response_cache", text("Cache responses to identical prompts")
TTL = 86_400
PROMPTS_AT_ONCE = 2_000_000
"""Requests whose prompts are counted at once, so that the hash table fits into the memory of a log."""
TTLS: tuple[tuple[Text, int | None], ...] = (
    (text("{hours} h", hours=1), 3600),
    (text("{hours} h", hours=24), TTL),
    (text("no expiry"), None),
)
HEADINGS: Mapping[str, Text] = MappingProxyType(
    {
        "kept_for": text("cache lifetime"),
        "repeats": text("repeats"),
        "saving_usd": text("saving"),
        "saving_if_shared_usd": text("saving if shared by all users"),
    }
)

TIMED_FORMULA = join_texts(
    "; ", (text("cost of exact repeats by the same user within 24 h of storing the answer"), COST_FORMULA)
)
UNTIMED_FORMULA = join_texts("; ", (text("cost of exact repeats"), COST_FORMULA))

ELIGIBILITY_FIELDS: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        "temperature": ("temperature", text("All repeats are assumed cacheable because the log has no temperature")),
        "has_tools": (
            "tools",
            text("All repeats are assumed cacheable because the log does not show whether tools were offered"),
        ),
        "at": ("time", text("All repeats are assumed to come within 24 h because the log has no times")),
        "end_user": ("user", text("Answers are assumed to be shared by all users because the log has no users")),
    }
)
"""Columns that show which repeats a cache can answer, their fields, and the assumptions without them."""

ELIGIBLE_SQL = "prompt_hash IS NOT NULL AND coalesce(temperature, {temperature}) = 0 AND NOT coalesce(has_tools, false)"

STEPS = (
    PlanStep(
        step=text("Cache responses for 24 h in the gateway or client, keyed by user, model, parameters and prompt"),
        effort=join_texts(" - ", ("low", text("built into most gateways"))),
        risk=join_texts(
            " - ", ("low", text("identical questions get identical answers; stale where answers change within a day"))
        ),
        undo=text("Turn off the cache"),
    ),
)


def build_repeats(log: PricedLog, state: LogState, *, is_shared: bool, ttl: int | None) -> str:
    """Create the TEMP table of the requests (`row`) that a cache answers. `ttl`: seconds for which an answer is kept
    after it was stored, None for ever. Returns its name.

    A stored answer is followed by the answer of the first request after its end; the chains of answers are followed
    from the first one of each prompt.
    """
    table = state.name_table(f"repeats_{'shared' if is_shared else 'own'}_{ttl}")
    if table in log.built_tables:
        return table
    calls = build_calls(log, state, is_shared=is_shared)
    end = "9223372036854775807" if ttl is None or not log.has_times else f"ready + {ttl * 1_000_000}"
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE successors AS
        SELECT c.row, c.prompt, c.ready, c.expires, n.row AS next
        FROM (SELECT *, {end} AS expires FROM {calls} WHERE is_stored) c
        ASOF LEFT JOIN (
            SELECT arg_min(row, (ready, row)) AS row, us, prompt FROM {calls} WHERE is_stored GROUP BY us, prompt
        ) n
            ON c.prompt = n.prompt AND n.us > c.expires""",
        f"""CREATE TEMP TABLE {table} AS
        WITH RECURSIVE answers AS (
            SELECT s.* FROM successors s JOIN (
                SELECT arg_min(row, (us, ready, row)) AS row FROM {calls} WHERE is_stored GROUP BY prompt
            ) USING (row)
            UNION ALL SELECT s.* FROM answers a JOIN successors s ON s.row = a.next
        )
        SELECT c.row FROM {calls} c ASOF JOIN answers a ON c.prompt = a.prompt AND c.us >= a.ready
        WHERE c.us <= a.expires""",
        "DROP TABLE successors",
    )


def build_calls(log: PricedLog, state: LogState, *, is_shared: bool) -> str:
    """Create the TEMP table of the requests whose prompt was sent more than once, for caches of any lifetime: `row`,
    `us` (sent) and `ready` (answered) in microseconds, `prompt` (a hash) and whether the answer `is_stored`."""
    table = state.name_table(f"calls_{'shared' if is_shared else 'own'}")
    eligible = ELIGIBLE_SQL.format(temperature="NULL" if log.has_columns("temperature") else "0")
    us, latency = ('epoch_us("at")', "round(coalesce(latency_ms, 0) * 1000)") if log.has_times else ("row", "0")
    owner = "s.cache_owner, prompt_hash" if is_shared else "s.cache_owner, prompt_hash, end_user"
    is_known = "true" if is_shared else "end_user IS NOT NULL"
    every, repeated = f"{table}_all", f"{table}_prompts"
    parts = -(-log.source.rows // PROMPTS_AT_ONCE)
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {every} AS
        SELECT row, {us} AS us, greatest(us + 1, us + {latency})::BIGINT AS ready, hash({owner}) AS prompt,
            ok IS DISTINCT FROM false AS is_stored
        FROM log.requests r JOIN {state.relation} s USING (row)
        WHERE {eligible} AND {is_known} AND is_made AND NOT is_batched""",
        f"CREATE TEMP TABLE {repeated} (prompt UBIGINT)",
        *(
            f"""INSERT INTO {repeated} SELECT prompt FROM {every} WHERE prompt % {parts} = {part}
            GROUP BY prompt HAVING count(*) > 1"""
            for part in range(parts)
        ),
        f"CREATE TEMP TABLE {table} AS FROM {every} SEMI JOIN {repeated} USING (prompt)",
        f"DROP TABLE {every}",
        f"DROP TABLE {repeated}",
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not log.has_columns("prompt_hash"):
        return None
    repeats = build_repeats(log, state, is_shared=not log.has_columns("end_user"), ttl=TTL)
    return f"SELECT row, true AS is_avoided FROM {repeats}"


def estimate(log: PricedLog) -> Estimate:
    if not log.has_columns("prompt_hash"):
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("the cost of exact repeats"), column="prompt_hash"), formula=TIMED_FORMULA
        )
    calls = [build_calls(log, INITIAL_STATE, is_shared=shared) for shared in _list_sharings(log)]
    estimate = _estimate_repeats(log)
    log.drop_tables(set(calls))
    return estimate


def _list_sharings(log: PricedLog) -> tuple[bool, ...]:
    """Return the caches to compute: a shared one, and one for each user if the log has users."""
    return (True, False) if log.has_columns("end_user") else (True,)


def _estimate_repeats(log: PricedLog) -> Estimate:
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
            text("An answer is kept for 24 h from when it was stored; errors and answers with tools are not stored"),
            _describe_progress(log),
            text("Requests with the same prompt hash have the same prompt and parameters"),
            *(assumed for _, assumed in missing),
        ),
        evidence=_list_evidence(log),
        unknowns=tuple(Unknown(what=text("which repeats a cache can answer"), column=field) for field, _ in missing),
        steps=STEPS if saved else (),
        details=_list_savings_by_ttl(log) if saved else (),
        headings={
            column: title
            for column, title in HEADINGS.items()
            if column != "saving_if_shared_usd" or log.has_columns("end_user")
        },
    )


def _describe_progress(log: PricedLog) -> Text:
    if log.has_columns("latency_ms"):
        return text("A repeat of a request that is still in progress is a call of its own")
    return text("An answer is stored right after its request was sent, because the log has no latency")


def _sum_repeats(log: PricedLog, *, is_shared: bool, ttl: int | None) -> tuple[int, int, Decimal]:
    """Return the number of requests that the cache answers on the log as it is, their tokens and their cost."""
    requests, tokens, cost = log.fetch_one(
        f"""SELECT count(*), coalesce(sum(input + output), 0)::BIGINT, coalesce(sum(cost), 0)
        FROM priced JOIN {build_repeats(log, INITIAL_STATE, is_shared=is_shared, ttl=ttl)} USING (row)"""
    )
    return requests, tokens, Decimal(cost)


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    has_users = log.has_columns("end_user")
    requests, tokens, _ = _sum_repeats(log, is_shared=not has_users, ttl=TTL)
    label = text("exact repeats within 24 h") if log.has_times else text("exact repeats")
    own = (
        Evidence(label=label, value=requests, unit="requests"),
        Evidence(label=text("tokens in these repeats"), value=tokens, unit="tokens"),
    )
    if not has_users:
        return own
    _, _, cost = _sum_repeats(log, is_shared=True, ttl=TTL)
    shared = text("saving if answers may be shared by all users")
    return (*own, Evidence(label=shared, value=cost, unit="USD"))


def _list_savings_by_ttl(log: PricedLog) -> tuple[dict[str, DisplayValue], ...]:
    """Return the savings by how long an answer is cached; without times only the one without expiry."""
    has_users = log.has_columns("end_user")
    return tuple(_build_line(log, label, ttl, has_users=has_users) for label, ttl in TTLS[0 if log.has_times else -1 :])


def _build_line(log: PricedLog, label: Text, ttl: int | None, *, has_users: bool) -> dict[str, DisplayValue]:
    requests, _, cost = _sum_repeats(log, is_shared=not has_users, ttl=ttl)
    line: dict[str, DisplayValue] = {"kept_for": label, "repeats": requests, "saving_usd": cost}
    if has_users:
        line["saving_if_shared_usd"] = _sum_repeats(log, is_shared=True, ttl=ttl)[2]
    return line


LEVER = Lever(
    name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=build_effect_sql, change=ExcludedChange.CACHES
)
