"""Errors and retries: the cost of failed calls, and of retries beyond the first successful one.

The saving is a lower bound: failures without billed tokens and retries without a prompt hash are not counted."""

from core.i18n.text import join_texts, text
from workloads.analysis.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.analysis.log_state import LogState
from workloads.analysis.priced_log import PricedLog
from workloads.levers.base import COST_FORMULA, Lever, Speed, build_unknown_estimate

NAME, TITLE = "retries", text("Reduce failed calls and retries")
WINDOW_SECONDS = 120
FORMULA = join_texts("; ", (text("cost of failed calls + cost of unnecessary retries"), COST_FORMULA))
FAILURES_FORMULA = join_texts("; ", (text("cost of failed calls"), COST_FORMULA))

RETRY_ASSUMPTIONS = (
    text(
        "A retry has the same prompt, model and user as a call that failed up to {seconds} s earlier",
        seconds=WINDOW_SECONDS,
    ),
    text("The first successful retry was necessary and is not counted"),
)

SELECT_FAILURES = "SELECT row FROM log.requests WHERE NOT ok"

STEPS = (
    PlanStep(
        step=text("Find out why calls fail; retry only errors that can succeed, with a limit and exponential backoff"),
        effort=join_texts(" - ", ("medium", text("client and error handling"))),
        risk=join_texts(" - ", ("low", text("fewer calls, same answers"))),
        undo=text("Restore the previous retry settings"),
    ),
)


def build_unnecessary_retries(log: PricedLog) -> str:
    """Create the TEMP table of unnecessary retries: successful requests within the window after a failure of the same
    prompt, which another request had answered in between. Returns its name."""
    return log.create_table(
        "unnecessary",
        f"""CREATE TEMP TABLE unnecessary AS
        SELECT row FROM (
            SELECT row, ok, us, max(us) FILTER (NOT ok) OVER before AS failed,
                max(us) FILTER (ok) OVER before AS answered
            FROM (SELECT row, ok, epoch_us("at") AS us, prompt_hash, hash(model, provider, end_user) AS owner
                  FROM log.requests
                  WHERE ok IS NOT NULL AND prompt_hash IN (SELECT prompt_hash FROM log.requests WHERE NOT ok))
            WINDOW before AS (PARTITION BY owner, prompt_hash ORDER BY us, row
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        ) WHERE ok AND us - failed <= {WINDOW_SECONDS * 1_000_000} AND answered >= failed""",
    )


def can_identify_retries(log: PricedLog) -> bool:
    return log.has_columns("prompt_hash") and log.has_times


def build_effect_sql(log: PricedLog, state: LogState) -> str | None:
    if not log.has_columns("ok"):
        return None
    more = f" UNION SELECT row FROM {build_unnecessary_retries(log)}" if can_identify_retries(log) else ""
    return f"SELECT row, true AS is_avoided, true AS leaves FROM ({SELECT_FAILURES}{more})"


def estimate(log: PricedLog) -> Estimate:
    if not log.has_columns("ok"):
        return build_unknown_estimate(
            NAME, TITLE, Unknown(what=text("the cost of errors and retries"), column="status"), formula=FORMULA
        )
    saved = LEVER.compute_saving(log)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.OBSERVED,
        bound=Bound.LOWER,
        headline=True,
        formula=FORMULA if can_identify_retries(log) else FAILURES_FORMULA,
        assumptions=(
            text("Every failed call can be avoided, or can fail before it is billed"),
            text("Failures without billed tokens count as free"),
            *(
                RETRY_ASSUMPTIONS
                if can_identify_retries(log)
                else (text("Retries are not counted because they can't be identified in the log"),)
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
    failures, cost = log.fetch_one("SELECT count(*), coalesce(sum(cost), 0) FROM priced WHERE NOT ok")
    evidence = (
        Evidence(label=text("failed calls"), value=failures, unit="requests"),
        Evidence(label=text("cost of failed calls"), value=cost, unit="USD"),
    )
    if not can_identify_retries(log):
        return evidence
    retries, retry_cost = log.fetch_one(
        f"SELECT count(*), coalesce(sum(cost), 0) FROM priced JOIN {build_unnecessary_retries(log)} USING (row)"
    )
    return (
        *evidence,
        Evidence(label=text("unnecessary retries"), value=retries, unit="requests"),
        Evidence(label=text("cost of unnecessary retries"), value=retry_cost, unit="USD"),
    )


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=build_effect_sql)
