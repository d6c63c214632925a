"""Errors and retries: what failed calls cost, and repeats of a failed prompt beyond the one that was needed.

A lower bound: failures that the log bills no tokens for, and retries without a prompt hash, are not in it.
"""

from netra.language.text import joined, text
from workloads.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.ledger import Ledger
from workloads.levers.base import COST, Lever, Speed, unknown

NAME, TITLE = "retries", text("Stop paying for errors and retries")
WINDOW_SECONDS = 120
FORMULA = joined("; ", (text("cost of failed calls + cost of needless repeats after a failure"), COST))
FAILURES_FORMULA = joined("; ", (text("cost of failed calls"), COST))

REPEATS = (
    text("A repeat is the same prompt, model and user within {seconds} s after a failure", seconds=WINDOW_SECONDS),
    text("The first successful repeat was needed and is not counted"),
)

FAILURES = "SELECT row FROM log.requests WHERE NOT ok"

STEPS = (
    PlanStep(
        step=text("Find why calls fail, retry only what can succeed, with a limit and growing pauses"),
        effort=joined(" - ", ("medium", text("client and error handling"))),
        risk=joined(" - ", ("low", text("fewer calls, same answers"))),
        undo=text("Restore the former retry settings"),
    ),
)


def repeats(ledger: Ledger) -> str:
    """The TEMP table of needless repeats: successful ones of a prompt within the window after its failure, that had
    been answered since."""
    return ledger.build(
        "needless",
        f"""CREATE TEMP TABLE needless AS
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


def tells_repeats(ledger: Ledger) -> bool:
    return ledger.has("prompt_hash") and ledger.timed


def effect(ledger: Ledger) -> str | None:
    if not ledger.has("ok"):
        return None
    more = f" UNION SELECT row FROM {repeats(ledger)}" if tells_repeats(ledger) else ""
    return f"SELECT row, 0 AS kept, true AS leaves FROM ({FAILURES}{more})"


def estimate(ledger: Ledger) -> Estimate:
    if not ledger.has("ok"):
        return unknown(NAME, TITLE, Unknown(what=text("cost of errors and retries"), column="status"), formula=FORMULA)
    saved = LEVER.saving(ledger)
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=saved,
        basis=Basis.OBSERVED,
        bound=Bound.LOWER,
        headline=True,
        formula=FORMULA if tells_repeats(ledger) else FAILURES_FORMULA,
        assumptions=(
            text("Every failed call can be avoided or made to fail before it is billed"),
            text("Failures without billed tokens cost nothing here"),
            *(
                REPEATS
                if tells_repeats(ledger)
                else (text("Repeats after a failure are not counted: the log cannot tell them"),)
            ),
        ),
        evidence=_evidence(ledger),
        unknowns=tuple(
            Unknown(what=text("cost of retries after errors"), column=field)
            for field, known in (("prompt_hash", ledger.has("prompt_hash")), ("time", ledger.timed))
            if not known
        ),
        steps=STEPS if saved else (),
    )


def _evidence(ledger: Ledger) -> tuple[Evidence, ...]:
    failures, cost = ledger.one("SELECT count(*), coalesce(sum(cost), 0) FROM priced WHERE NOT ok")
    found = (
        Evidence(label=text("failed calls"), value=failures, unit="requests"),
        Evidence(label=text("cost of failed calls"), value=cost, unit="USD"),
    )
    if not tells_repeats(ledger):
        return found
    needless, again = ledger.one(
        f"SELECT count(*), coalesce(sum(cost), 0) FROM priced JOIN {repeats(ledger)} USING (row)"
    )
    return (
        *found,
        Evidence(label=text("needless repeats after a failure"), value=needless, unit="requests"),
        Evidence(label=text("cost of needless repeats"), value=again, unit="USD"),
    )


LEVER = Lever(name=NAME, title=TITLE, speed=Speed.SAME, estimate=estimate, effect=effect)
