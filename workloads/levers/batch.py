"""Batch: half price for requests that can wait, up to a day.

The log suggests what can: not streamed, in no session, and sent by the clock. Where it cannot tell, the saving is
what it would be if all traffic could wait: an upper bound, out of the headline.
"""

from collections.abc import Iterable

from netra.language.text import Figure, Text, joined, text
from workloads.estimate import Basis, Bound, Estimate, Evidence, PlanStep, Unknown
from workloads.granularity import summed
from workloads.ledger import Ledger
from workloads.levers.base import COST, Lever, Speed, without_saving

NAME, TITLE = "batch", text("Send what can wait as batches")
HALF = "0.5"
CLOCKWORK = 0.9
FEWEST = 20
SUGGESTED = joined("; ", (text("cost of the requests that seem able to wait × (1 − {half})", half=Figure(HALF)), COST))
BOUNDED = joined("; ", (text("cost of all requests × (1 − {half})", half=Figure(HALF)), COST))


def clockwork(ledger: Ledger) -> str:
    """The TEMP table `clockwork`: features (else users) whose waiting requests come by the clock.

    At least FEWEST of them, and 9 in 10 within one hour of the day and the next on two days or more, or within one
    five-minute slot of the hour in three hours or more.
    """
    source = "coalesce(feature, end_user)"
    return ledger.build(
        "clockwork",
        f"""CREATE TEMP TABLE clockwork AS
        WITH calls AS (
            SELECT {source} AS source, hour("at") AS hour, minute("at") // 5 AS slot, "at"::DATE AS day,
                date_trunc('hour', "at") AS full_hour
            FROM log.requests WHERE NOT streamed AND session IS NULL AND {source} IS NOT NULL
        ),
        sizes AS (
            SELECT source, count(*) AS requests, count(DISTINCT day) AS days, count(DISTINCT full_hour) AS hours
            FROM calls GROUP BY source HAVING count(*) >= {FEWEST}
        ),
        by_hour AS (SELECT source, hour, count(*) AS n FROM calls GROUP BY ALL),
        by_slot AS (SELECT source, slot, count(*) AS n FROM calls GROUP BY ALL),
        busy_hours AS (
            SELECT a.source, max(a.n + coalesce(b.n, 0)) AS n
            FROM by_hour a LEFT JOIN by_hour b ON a.source = b.source AND b.hour = (a.hour + 1) % 24 GROUP BY a.source
        ),
        busy_slots AS (SELECT source, max(n) AS n FROM by_slot GROUP BY source)
        SELECT source FROM sizes JOIN busy_hours h USING (source) JOIN busy_slots s USING (source)
        WHERE (h.n >= {CLOCKWORK} * requests AND days >= 2) OR (s.n >= {CLOCKWORK} * requests AND hours >= 3)""",
    )


def tells(ledger: Ledger) -> bool:
    """Whether the log can tell what waits: streaming is logged, times have a date, someone is named, and a row is one
    request: buckets of days come by the clock, too."""
    named = ledger.has("feature") or ledger.has("end_user")
    return ledger.has("streamed") and named and not ledger.source.relative_clock and summed(ledger) is None


def effect(ledger: Ledger) -> str | None:
    if not tells(ledger):
        return f"SELECT row, {HALF} AS kept, true AS leaves FROM log.requests"
    return f"""SELECT row, {HALF} AS kept, true AS leaves FROM log.requests
        WHERE NOT streamed AND session IS NULL
            AND coalesce(feature, end_user) IN (SELECT source FROM {clockwork(ledger)})"""


def estimate(ledger: Ledger) -> Estimate:
    found = _suggested(ledger) if tells(ledger) else _bound(ledger)
    if found.saving:
        return found
    if tells(ledger):
        return without_saving(found, text("no feature's requests come by the clock"))
    return without_saving(found, text("no request costs anything"))


def _suggested(ledger: Ledger) -> Estimate:
    requests, cost = ledger.one(
        f"SELECT count(*), coalesce(sum(cost), 0) FROM priced WHERE row IN (SELECT row FROM ({effect(ledger)}))"
    )
    sources = [source for (source,) in ledger.all(f"SELECT source FROM {clockwork(ledger)} ORDER BY 1 LIMIT 10")]
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=LEVER.saving(ledger),
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=True,
        formula=SUGGESTED,
        assumptions=(
            text("Not streamed, in no session and sent by the clock means that it can wait: to be confirmed by you"),
            *PRICE,
        ),
        evidence=(
            Evidence(label=text("requests that seem able to wait"), value=requests, unit="requests"),
            Evidence(label=text("what they cost now"), value=cost, unit="USD"),
            Evidence(label=text("sent by"), value=", ".join(sources) or text("nobody")),
        ),
        unknowns=(),
        steps=STEPS,
    )


def _bound(ledger: Ledger) -> Estimate:
    return Estimate(
        name=NAME,
        title=TITLE,
        saving=LEVER.saving(ledger),
        basis=Basis.MODELLED,
        bound=Bound.UPPER,
        headline=False,
        formula=BOUNDED,
        assumptions=(text("All traffic could wait: the log cannot tell which"), *_dateless(ledger), *PRICE),
        evidence=(),
        unknowns=tuple(_unknowns(ledger)),
        steps=STEPS,
    )


def _dateless(ledger: Ledger) -> tuple[Text, ...]:
    if ledger.timed and ledger.source.relative_clock:
        return (text("Times without a date do not tell what is sent by the clock"),)
    return ()


def _unknowns(ledger: Ledger) -> Iterable[Unknown]:
    for field, known in (
        ("streamed", ledger.has("streamed")),
        ("session", ledger.has("session")),
        ("feature", ledger.has("feature") or ledger.has("end_user")),
    ):
        if not known:
            yield Unknown(what=text("which requests can wait for a batch"), column=field)
    if ledger.source.relative_clock:
        yield Unknown(what=text("which requests are sent by the clock, from times with a date"), column="time")


PRICE = (
    text("Batches cost half of every token (so at OpenAI, Azure, Anthropic, Google, Amazon, Mistral and Groq)"),
    text("Answers may take up to 24 h; nothing interactive may be moved"),
)

STEPS = (
    PlanStep(
        step=text("Confirm which jobs can wait up to 24 h, then send them through the provider's batch interface"),
        effort=joined(" - ", ("medium", text("submit, poll and collect"))),
        risk=joined(" - ", ("low", text("same model; late answers"))),
        undo=text("Send the job's requests one by one again"),
    ),
)

LEVER = Lever(name=NAME, title=TITLE, speed=Speed.OFFLINE, estimate=estimate, effect=effect, per_request=False)
