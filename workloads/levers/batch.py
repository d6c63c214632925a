"""Batch: half price for non-urgent requests, which may take up to a day.

Candidates are scheduled requests that are not streamed and not part of a session. If the log does not show them, the
saving on all traffic is reported as an upper bound, which is not in the headline."""

from collections.abc import Iterable

from core.i18n.text import Figure, Text, join_texts, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, clear_saving

NAME, TITLE = "batch", text("Move non-urgent requests to batch")
BATCH_PRICE_SHARE = "0.5"
MIN_SCHEDULED_SHARE = 0.9
MIN_REQUESTS = 20
SUGGESTED_FORMULA = join_texts(
    "; ",
    (text("cost of the requests that look non-urgent × (1 − {half})", half=Figure(BATCH_PRICE_SHARE)), COST_FORMULA),
)
UPPER_BOUND_FORMULA = join_texts(
    "; ", (text("cost of all requests × (1 − {half})", half=Figure(BATCH_PRICE_SHARE)), COST_FORMULA)
)


def build_scheduled_sources(log: PricedLog) -> str:
    """Create the TEMP table `scheduled` of the features (or else users) whose requests are scheduled. Returns its name.

    Requests are scheduled if there are at least MIN_REQUESTS, and 9 in 10 come within two consecutive hours of the day
    (on at least two days) or within one five-minute slot of the hour (in at least three hours).
    """
    source = "coalesce(feature, end_user)"
    return log.create_table(
        "scheduled",
        f"""CREATE TEMP TABLE scheduled AS
        WITH calls AS (
            SELECT {source} AS source, hour("at") AS hour, minute("at") // 5 AS slot, "at"::DATE AS day,
                date_trunc('hour', "at") AS full_hour
            FROM log.requests WHERE NOT streamed AND session IS NULL AND {source} IS NOT NULL
        ),
        sizes AS (
            SELECT source, count(*) AS requests, count(DISTINCT day) AS days, count(DISTINCT full_hour) AS hours
            FROM calls GROUP BY source HAVING count(*) >= {MIN_REQUESTS}
        ),
        by_hour AS (SELECT source, hour, count(*) AS n FROM calls GROUP BY ALL),
        by_slot AS (SELECT source, slot, count(*) AS n FROM calls GROUP BY ALL),
        busy_hours AS (
            SELECT a.source, max(a.n + coalesce(b.n, 0)) AS n
            FROM by_hour a LEFT JOIN by_hour b ON a.source = b.source AND b.hour = (a.hour + 1) % 24 GROUP BY a.source
        ),
        busy_slots AS (SELECT source, max(n) AS n FROM by_slot GROUP BY source)
        SELECT source FROM sizes JOIN busy_hours h USING (source) JOIN busy_slots s USING (source)
        WHERE (h.n >= {MIN_SCHEDULED_SHARE} * requests AND days >= 2)
            OR (s.n >= {MIN_SCHEDULED_SHARE} * requests AND hours >= 3)""",
    )


def can_identify_batchable(log: PricedLog) -> bool:
    """Whether the log shows which requests can be batched: it has streaming, dates, and features or users, and its rows
    are single requests (daily totals would look scheduled, too)."""
    has_sources = log.has_columns("feature") or log.has_columns("end_user")
    return (
        log.has_columns("streamed")
        and has_sources
        and not log.source.relative_clock
        and explain_aggregation(log) is None
    )


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    select = f"""SELECT row, {BATCH_PRICE_SHARE} AS price_share, true AS leaves, true AS is_batched
        FROM log.requests JOIN {state.relation} s USING (row) WHERE is_made"""
    if not can_identify_batchable(log):
        return select
    return f"""{select} AND NOT streamed AND session IS NULL
            AND coalesce(feature, end_user) IN (SELECT source FROM {build_scheduled_sources(log)})"""


def estimate(log: PricedLog) -> Estimate:
    result = _estimate_suggested(log) if can_identify_batchable(log) else _estimate_upper_bound(log)
    if result.saving:
        return result
    if can_identify_batchable(log):
        return clear_saving(result, text("no feature's requests are scheduled"))
    return clear_saving(result, text("no request has a cost"))


def _estimate_suggested(log: PricedLog) -> Estimate:
    changed = build_effect_sql(log, INITIAL_STATE)
    requests, cost = log.fetch_one(
        f"SELECT count(*), coalesce(sum(cost), 0) FROM priced WHERE row IN (SELECT row FROM ({changed}))"
    )
    sources = [
        source for (source,) in log.fetch_all(f"SELECT source FROM {build_scheduled_sources(log)} ORDER BY 1 LIMIT 10")
    ]
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=LEVER.compute_saving(log),
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=True,
        formula=SUGGESTED_FORMULA,
        assumptions=(
            text(
                "Scheduled requests that are not streamed and not part of a session are non-urgent; please confirm this"
            ),
            *PRICE_ASSUMPTIONS,
        ),
        evidence=(
            Evidence(label=text("requests that look non-urgent"), value=requests, unit="requests"),
            Evidence(label=text("their current cost"), value=cost, unit="USD"),
            Evidence(label=text("features or users"), value=", ".join(sources) or text("none")),
        ),
        unknowns=(),
        steps=STEPS,
    )


def _estimate_upper_bound(log: PricedLog) -> Estimate:
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=LEVER.compute_saving(log),
        basis=Basis.MODELLED,
        bound=Bound.UPPER,
        headline=False,
        formula=UPPER_BOUND_FORMULA,
        assumptions=(
            text("All traffic could be batched; the log does not show which requests are urgent"),
            *_list_date_assumptions(log),
            *PRICE_ASSUMPTIONS,
        ),
        evidence=(),
        unknowns=tuple(_list_unknowns(log)),
        steps=STEPS,
    )


def _list_date_assumptions(log: PricedLog) -> tuple[Text, ...]:
    if log.has_times and log.source.relative_clock:
        return (text("Scheduled requests can't be detected because the times have no date"),)
    return ()


def _list_unknowns(log: PricedLog) -> Iterable[Unknown]:
    for field, known in (
        ("streamed", log.has_columns("streamed")),
        ("session", log.has_columns("session")),
        ("feature", log.has_columns("feature") or log.has_columns("end_user")),
    ):
        if not known:
            yield Unknown(what=text("which requests can be batched"), column=field)
    if log.source.relative_clock:
        yield Unknown(what=text("which requests are scheduled (needs times with a date)"), column="time")


PRICE_ASSUMPTIONS = (
    text(
        "Batch prices are half the standard prices (as at OpenAI, Azure, Anthropic, Google, Amazon, Mistral and Groq)"
    ),
    text("Batch responses may take up to 24 h, so interactive requests must not be moved"),
)

STEPS = (
    PlanStep(
        step=text("Confirm which jobs can take up to 24 h, then send them through the provider's batch API"),
        effort=join_texts(" - ", ("medium", text("submit jobs, poll, collect results"))),
        risk=join_texts(" - ", ("low", text("same model, slower responses"))),
        undo=text("Send the requests individually again"),
    ),
)

LEVER = Lever(
    name=NAME, title=TITLE, speed=Speed.OFFLINE, estimate=estimate, effect=build_effect_sql, per_request=False
)
