"""Errors and retries: the cost of retries that another request had made unnecessary, and of failed calls.

Which failed calls are billed follows from the log's own cost of them, or else from the providers' rules (BILLING_SQL):
a refused or failed call is free, a call that the client gave up on is not. Only unnecessary retries are promised; that
every billed failure could be avoided is an upper bound. A response that the user cancelled is no failure."""

from decimal import Decimal

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import INITIAL_STATE, LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate

NAME, TITLE = "retries", text("Reduce failed calls and retries")
WINDOW_SECONDS = 120
FORMULA = join_texts("; ", (text("cost of unnecessary retries"), COST_FORMULA))
FAILURES_FORMULA = join_texts("; ", (text("cost of failed calls that are billed"), COST_FORMULA))

RETRY_ASSUMPTIONS = (
    text(
        "A retry has the same prompt, model and user as a call that failed up to {seconds} s earlier",
        seconds=WINDOW_SECONDS,
    ),
    text("The first successful retry was necessary and is not counted"),
)

BILLING_SQL = r"""CASE WHEN regexp_matches(error, '(?i)(^|\D)499(\D|$)|cancel|client.?closed|abort') THEN 'cancelled'
    WHEN logged_cost > 0 THEN 'billed'
    WHEN logged_cost = 0 THEN 'free'
    WHEN provider ILIKE 'azure%' AND regexp_matches(error, '(^|\D)(400|408)(\D|$)') THEN 'billed'
    WHEN regexp_matches(error, '(?i)(^|\D)(40[0-79]|41\d|42\d|5\d\d)(\D|$)|rate.?limit|overloaded|unavailable'
        || '|server.?error|internal.?error|invalid.?request|unauthori[sz]ed|permission|quota') THEN 'free'
    ELSE 'unknown' END"""
"""Whether a failed call is billed: the log's own cost decides, then the status or error code. Anthropic, OpenAI and
Google charge for responses only (https://platform.claude.com/docs/en/api/errors,
https://ai.google.dev/gemini-api/docs/billing: failed requests with 400 or 500 are not charged); Azure also for 400 and
408, where the prompt was processed (https://azure.microsoft.com/pricing/details/cognitive-services/openai-service/)."""

STEPS = (
    PlanStep(
        step=text("Find out why calls fail; retry only errors that can succeed, with a limit and exponential backoff"),
        effort=join_texts(" - ", ("medium", text("client and error handling"))),
        risk=join_texts(" - ", ("low", text("fewer calls, same answers"))),
        undo=text("Restore the previous retry settings"),
    ),
)


def build_unnecessary_retries(log: PricedLog, state: LogState) -> str:
    """Create the TEMP table of unnecessary retries: successful requests within the window after a failure of the same
    prompt, which another request had answered in between. Returns its name."""
    table = state.name_table("unnecessary")
    return log.create_table(
        table,
        f"""CREATE TEMP TABLE {table} AS
        SELECT row FROM (
            SELECT row, ok, us, max(us) FILTER (NOT ok AND NOT is_cancelled) OVER before AS failed,
                max(us) FILTER (ok) OVER before AS answered
            FROM (SELECT row, ok, epoch_us("at") AS us, prompt_hash, hash(model, provider, end_user) AS owner,
                    {BILLING_SQL} = 'cancelled' AS is_cancelled
                  FROM log.requests JOIN {state.relation} s USING (row)
                  WHERE is_made AND ok IS NOT NULL
                    AND prompt_hash IN (SELECT prompt_hash FROM log.requests WHERE NOT ok))
            WINDOW before AS (PARTITION BY owner, prompt_hash ORDER BY us
                              RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE ok AND us - failed <= {WINDOW_SECONDS * 1_000_000} AND answered >= failed""",
    )


def can_identify_retries(log: PricedLog) -> bool:
    return log.has_columns("prompt_hash") and log.has_times


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not log.has_columns("ok"):
        return None
    if can_identify_retries(log):
        return f"SELECT row, true AS is_avoided, true AS leaves FROM {build_unnecessary_retries(log, state)}"
    return f"""SELECT row, true AS is_avoided, true AS leaves FROM log.requests JOIN {state.relation} s USING (row)
        WHERE NOT ok AND is_made AND {BILLING_SQL} = 'billed'"""


def estimate(log: PricedLog) -> Estimate:
    if not log.has_columns("ok"):
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("the cost of errors and retries"), column="status"), formula=FORMULA
        )
    saved, can_identify = LEVER.compute_saving(log), can_identify_retries(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.OBSERVED if can_identify else Basis.MODELLED,
        bound=Bound.LOWER if can_identify else Bound.UPPER,
        headline=can_identify,
        formula=FORMULA if can_identify else FAILURES_FORMULA,
        assumptions=(
            *(
                RETRY_ASSUMPTIONS
                if can_identify
                else (
                    text("Every billed failure can be avoided"),
                    text("Retries are not counted because they can't be identified in the log"),
                )
            ),
            text(
                "A failed call is billed if the log has a cost for it, or by the provider's rule for its status: "
                "refused and failed calls are free, calls that the client gave up on are not"
            ),
        ),
        evidence=_list_evidence(log),
        unknowns=tuple(
            Unknown(what=text("the cost of retries after errors"), column=field)
            for field, known in (("prompt_hash", log.has_columns("prompt_hash")), ("time", log.has_times))
            if not known
        ),
        steps=STEPS if saved else (),
    )


def _list_evidence(log: PricedLog) -> tuple[Evidence, ...]:
    failures, *costs = log.fetch_one(
        f"""SELECT count(*) FILTER (billing <> 'cancelled'),
            coalesce(sum(cost) FILTER (billing = 'billed'), 0), coalesce(sum(cost) FILTER (billing = 'free'), 0),
            coalesce(sum(cost) FILTER (billing = 'unknown'), 0), coalesce(sum(cost) FILTER (billing = 'cancelled'), 0)
        FROM (SELECT cost, {BILLING_SQL} AS billing FROM priced WHERE NOT ok)"""
    )
    labels = (
        text("failed calls that are billed, at most avoidable"),
        text("tokens of failed calls that providers don't bill, though the spend counts them"),
        text("failed calls that may be billed; the log does not say"),
        text("responses that were cancelled, which are billed"),
    )
    retries = (
        log.fetch_one(
            f"""SELECT count(*), coalesce(sum(cost), 0)
            FROM priced JOIN {build_unnecessary_retries(log, INITIAL_STATE)} USING (row)"""
        )
        if can_identify_retries(log)
        else ()
    )
    return (
        Evidence(label=text("failed calls"), value=failures, unit="requests"),
        *(
            Evidence(label=label, value=cost, unit="USD")
            for label, cost in zip(labels, costs, strict=True)
            if Decimal(cost) or label is labels[0]
        ),
        *(Evidence(label=text("unnecessary retries"), value=count, unit="requests") for count in retries[:1]),
        *(Evidence(label=text("cost of unnecessary retries"), value=cost, unit="USD") for cost in retries[1:]),
    )


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=build_effect_sql)
