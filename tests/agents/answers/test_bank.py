"""A bank of questions of all kinds about a small log. Oracle: sums over its rows in plain Python (shop_log.py)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import mean, median
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind
from agents.answers.backing.known_figures import build_known_figures
from agents.answers.backing.matching import find_unbacked_numbers
from agents.answers.formatting import format_figure
from tests.agents.answers.shop_log import (
    DAYS,
    PRICES,
    ROWS,
    Row,
    Shop,
    between,
    count,
    keep_all,
    open_shop,
    show,
    spend,
    spend_by,
    write_log,
)
from workloads.query.measuring import measure
from workloads.query.query import Query
from workloads.query.result import compare_results

pytestmark = pytest.mark.slow

A, C, N, T, R = AnswerKind.ANSWER, AnswerKind.CLARIFY, AnswerKind.CANNOT, AnswerKind.TALK, AnswerKind.REPORT

OCTOBER, SEPTEMBER = between("10-01", "10-31"), between("09-01", "09-30")
NOVEMBER = between("11-01", "11-30")
LAST_WEEK = between("11-02", "11-08")
WEEK_OF_OCTOBER = between("10-05", "10-11")


def is_weekend(row: Row) -> bool:
    return row.day.weekday() > 4


def has_error(row: Row) -> bool:
    return bool(row.error)


def in_week(number: int) -> Any:
    return lambda row: row.week == number


def of(**values: str) -> Any:
    """Return whether a row has these values: of(team="Support")."""
    return lambda row: all(getattr(row, name) == value for name, value in values.items())


def both(*keeps: Any) -> Any:
    return lambda row: all(keep(row) for keep in keeps)


def neither(keep: Any) -> Any:
    return lambda row: not keep(row)


def by(name: str) -> Any:
    return lambda row: getattr(row, name)


def first_of(sums: Mapping[str, Any], n: int, *, reverse: bool = True) -> dict[str, Any]:
    """Return the groups with the highest sums, or the lowest if not `reverse`."""
    return dict(sorted(sums.items(), key=lambda pair: pair[1], reverse=reverse)[:n])


def requests_by(key: Any, keep: Any = keep_all) -> dict[Any, int]:
    counts: dict[Any, int] = {}
    for row in ROWS:
        if keep(row):
            counts[key(row)] = counts.get(key(row), 0) + 1
    return counts


def rate(part: Any, whole: Any = keep_all) -> Decimal:
    return Decimal(count(both(part, whole))) / count(whole)


def latencies(keep: Any = keep_all) -> list[int]:
    return [row.latency for row in ROWS if keep(row)]


DAILY = spend_by(by("day"))
ALL = spend()

FIGURES: dict[str, Decimal | int | float] = {
    # Totals and counts
    "What did we spend?": ALL,
    "total cost": ALL,
    "How many requests were there?": len(ROWS),
    "How many requests failed?": count(has_error),
    "How many different users are there?": 6,
    "How many teams do we have?": 3,
    "How many tokens did we use?": sum(row.input + row.output for row in ROWS),
    "cached tokens": sum(row.cached for row in ROWS),
    "cache rate": Decimal(sum(row.cached for row in ROWS)) / sum(row.input for row in ROWS),
    "output tokens": sum(row.output for row in ROWS),
    "How many timeouts were there?": count(of(error="Timeout")),
    "median latency": median(latencies()),
    "average latency of doc-search": mean(latencies(both(of(feature="doc-search"), neither(has_error)))),
    "error rate": rate(has_error),
    "cost per request": ALL / len(ROWS),
    "requests with more than 5000 input tokens": count(lambda row: row.input > 5000),
    "How many requests took longer than 2 seconds?": count(lambda row: row.latency > 2000),
    "What share of requests took longer than 2 seconds?": rate(lambda row: row.latency > 2000),
    "requests without a feature": 0,
    # Filters
    "What did Research spend in October?": spend(both(of(team="Research"), OCTOBER)),
    "spend of gpt-4o in week 3": spend(both(of(model="gpt-4o"), in_week(3))),
    "spend without night-report": spend(neither(of(feature="night-report"))),
    "spend of everything except gpt-4o": spend(neither(of(model="gpt-4o"))),
    "How much did ana cost us in October?": spend(both(of(user="ana"), OCTOBER)),
    # Periods
    "spend between 5 and 11 October": spend(WEEK_OF_OCTOBER),
    "spend from 5 October to 11 October": spend(WEEK_OF_OCTOBER),
    "spend since 1 November": spend(NOVEMBER),
    "spend until 20 September": spend(in_week(1)),
    "spend before October": spend(SEPTEMBER),
    "spend after 1 November": spend(LAST_WEEK),
    "spend on 21 October": DAILY[date(2026, 10, 21)],
    "spend on 2026-10-21": DAILY[date(2026, 10, 21)],
    "spend on 21.10.2026": DAILY[date(2026, 10, 21)],
    "spend on 21/10": DAILY[date(2026, 10, 21)],
    "spend on 21/10/2026": DAILY[date(2026, 10, 21)],
    "spend on Saturday, 3 October": DAILY[date(2026, 10, 3)],
    "spend in October 2026": spend(OCTOBER),
    "spend of the week of 19 October": spend(in_week(6)),
    "spend in the weekend of 24 October": spend(between("10-24", "10-25")),
    "spend in week number 3": spend(in_week(3)),
    "spend last Monday": DAILY[date(2026, 11, 2)],
    "spend the day before 21 October": DAILY[date(2026, 10, 20)],
    "spend in the week before 21 October": spend(between("10-14", "10-20")),
    "spend yesterday": DAILY[date(2026, 11, 8)],
    "spend in the last 2 months": ALL,
    "spend in the first 2 weeks": spend(between("09-14", "09-27")),
    "spend in the first half of October (1st to 15th)": spend(between("10-01", "10-15")),
    "spend at night between 1 and 3": spend(lambda row: 1 <= row.at.hour < 3),
    "spend from 9 to 17 uhr": spend(lambda row: 9 <= row.at.hour < 17),
    "spend between the first and the last week": ALL,
    "spend except in October": spend(neither(OCTOBER)),
    "spend outside October": spend(neither(OCTOBER)),
    "spend without ana in October": spend(both(OCTOBER, neither(of(user="ana")))),
    "spend in October except weekends": spend(both(OCTOBER, neither(is_weekend))),
    "requests slower than 2500 ms": count(lambda row: row.latency > 2500),
    "requests faster than 1 second": count(lambda row: row.latency < 1000),
    "requests with at most 300 output tokens": count(lambda row: row.output <= 300),
    "requests with at least 300 output tokens": count(lambda row: row.output >= 300),
    "requests above $0.01": count(lambda row: row.cost > Decimal("0.01")),
    "requests that succeeded": count(neither(has_error)),
    "spend of Support and Research": spend(neither(of(team="Platform"))),
    "show the errors of code-review": count(both(has_error, of(feature="code-review"))),
    "spend on October 21st": DAILY[date(2026, 10, 21)],
    "spend last week": spend(LAST_WEEK),
    "spend this week": spend(LAST_WEEK),
    "spend this month": spend(NOVEMBER),
    "spend last month": spend(OCTOBER),
    "spend in the last 7 days": spend(LAST_WEEK),
    "spend in the last 2 weeks": spend(between("10-26", "11-08")),
    "spend in the first 10 days": spend(between("09-14", "09-23")),
    "spend in the first week": spend(in_week(1)),
    "spend in the first half of October": spend(between("10-01", "10-15")),
    "spend in the second half of October": spend(between("10-16", "10-31")),
    "spend in Q4": spend(between("10-01", "12-31")),
    "spend in the third quarter": spend(SEPTEMBER),
    "spend this quarter": spend(between("10-01", "12-31")),
    "spend in 2026": ALL,
    "spend this year": ALL,
    "spend from week 2 to week 4": spend(between("09-21", "10-11")),
    "spend in calendar week 43": spend(in_week(6)),
    "spend at weekends": spend(is_weekend),
    "spend on weekdays": spend(neither(is_weekend)),
    "spend on Mondays": spend(lambda row: row.day.weekday() == 0),
    "spend on the last day": DAILY[date(2026, 11, 8)],
    "spend on the first weekend of October": spend(between("10-03", "10-04")),
    # Statistics over days and weeks
    "average daily spend": ALL / DAYS,
    "What do weekends cost on average?": spend(is_weekend) / 16,
    "median daily spend in October": median(spend_by(by("day"), OCTOBER).values()),
    "average weekly spend": ALL / 8,
    # Other languages
    "Kosten im Oktober": spend(OCTOBER),
    "Was haben wir letzte Woche ausgegeben?": spend(LAST_WEEK),
    "Wie viele Anfragen sind fehlgeschlagen?": count(has_error),
    "Ausgaben vom 5. bis 11. Oktober": spend(WEEK_OF_OCTOBER),
    "Ausgaben an Wochenenden": spend(is_weekend),
    "Combien avons-nous dépensé en octobre ?": spend(OCTOBER),
    "dépenses du 5 au 11 octobre": spend(WEEK_OF_OCTOBER),
    "Combien de requêtes ont échoué ?": count(has_error),
    "dépenses de la semaine dernière": spend(LAST_WEEK),
    "¿Cuánto gastamos en octubre?": spend(OCTOBER),
    "¿Cuántas solicitudes fallaron?": count(has_error),
    "gasto del 5 al 11 de octubre": spend(WEEK_OF_OCTOBER),
    "gasto del mes pasado": spend(OCTOBER),
    # Follow-ups
    "What did we spend? | and in October?": spend(OCTOBER),
    "What did we spend? | and in October? | and how many requests?": count(OCTOBER),
    "What did Research spend? | and Support?": spend(of(team="Support")),
    "spend of doc-search in week 5 | and week 6?": spend(both(of(feature="doc-search"), in_week(6))),
    "spend by team in October | over the whole log": ALL,
    "What did we spend? | thanks | only gpt-4o": spend(of(model="gpt-4o")),
    # Rates, shares of a named whole, and limits with two ends
    "What share of requests failed?": rate(has_error),
    "What share of Support's requests failed?": rate(has_error, of(team="Support")),
    "What percentage of input tokens was cached?": Decimal(sum(row.cached for row in ROWS))
    / sum(row.input for row in ROWS),
    "What share of the spend of Platform is night-report?": spend(of(feature="night-report"))
    / spend(of(team="Platform")),
    "What share of Platform's spend is night-report?": spend(of(feature="night-report")) / spend(of(team="Platform")),
    "How many requests took between 2 and 3 seconds?": count(lambda row: 2000 <= row.latency <= 3000),
    "requests with between 1500 and 2000 input tokens": count(lambda row: 1500 <= row.input <= 2000),
    # Parts of months, and hours
    "spend in the second week of October": spend(between("10-08", "10-14")),
    "spend in the last week of September": spend(between("09-24", "09-30")),
    "spend in the first week of the log": spend(in_week(1)),
    "spend between 8:00 and 10:00": spend(lambda row: 8 <= row.at.hour < 10),
    "requests during office hours": count(lambda row: 9 <= row.at.hour < 17),
    "requests outside working hours": count(lambda row: not 9 <= row.at.hour < 17),
    "spend at night": spend(lambda row: row.at.hour < 6),
    "What would we save without failed requests?": spend(has_error),
    "What if we used gpt-4.1-nano for chat-help?": spend(of(feature="chat-help")),
    # Suppositions: the cost as it was
    "What if doc-search moved to gpt-4o-mini?": spend(of(feature="doc-search")),
    "What if we ran night-report in batch?": spend(of(feature="night-report")),
    "What if doc-search moved to gpt-4o-mini? | and to gpt-4.1?": spend(of(feature="doc-search")),
    "List the failed requests in week 2": count(both(has_error, in_week(2))),
    "What period does this log cover?": DAYS,
}
"""The first figure of each answer."""

OUTPUT_SPEND = sum((row.output * PRICES[row.model][2] for row in ROWS), Decimal(0)) / 1_000_000

NAMED: dict[str, tuple[str, Decimal]] = {
    "What if gpt-4o were 20% cheaper?": ("Cost if so", spend(of(model="gpt-4o")) * Decimal("0.8")),
    "What if gpt-4o were 20% more expensive?": ("Cost if so", spend(of(model="gpt-4o")) * Decimal("1.2")),
    "What if the price of gpt-4o doubled?": ("Cost if so", 2 * spend(of(model="gpt-4o"))),
    "What if traffic fell by 20%?": ("Cost if so", ALL * Decimal("0.8")),
    "What if traffic halved?": ("Cost if so", ALL / 2),
    "What if output were 10% longer?": ("Cost if so", ALL + OUTPUT_SPEND / 10),
    "What if outputs were 10% shorter?": ("Cost if so", ALL - OUTPUT_SPEND / 10),
    "What if outputs were half as long?": ("Cost if so", ALL - OUTPUT_SPEND / 2),
    "What would doc-search cost on o3?": ("Cost as it was", spend(of(feature="doc-search"))),
    "Would batch be cheaper for code-review?": ("Cost as it was", spend(of(feature="code-review"))),
    "Compare weekdays with weekends in October": ("Spend, weekends", spend(both(is_weekend, OCTOBER))),
    "Why are weekends cheaper than weekdays?": ("Spend, weekends", spend(is_weekend)),
    "first half of October against second half": (
        "Spend, difference",
        spend(between("10-16", "10-31")) - spend(between("10-01", "10-15")),
    ),
    "Compare October with September for Support": (
        "Spend, 2026-10-01",
        spend(both(OCTOBER, of(team="Support"))),
    ),
    "How did the error rate change from October to November?": (
        "Error rate, 2026-11-01",
        rate(has_error, NOVEMBER),
    ),
    "Why did we spend less in week 7?": ("Difference in spend", spend(in_week(7)) - spend(in_week(6))),
    "Explain the spike on 21 October": (
        "Difference in spend",
        DAILY[date(2026, 10, 21)] - DAILY[date(2026, 10, 20)],
    ),
    "how many days had more than $0.05 of spend?": (
        "Spend, 2026-10-21",
        DAILY[date(2026, 10, 21)],
    ),
    "which teams and users spend the most?": ("Spend, dan", spend(of(user="dan"))),
    "When was the first failed request?": ("Requests that match", Decimal(count(has_error))),
    "latest failed request": ("Requests that match", Decimal(count(has_error))),
    "What if we had no caching?": (
        "Cost if so",
        ALL + sum(row.cached for row in ROWS) * Decimal("0.075") / 1_000_000,
    ),
    "Most common error": ("Failed requests, RateLimit", Decimal(count(of(error="RateLimit")))),
    "spend of Support | and Research? | How much more is the second than the first?": (
        "Spend, difference",
        spend(of(team="Research")) - spend(of(team="Support")),
    ),
    "spend of Support | and Research? | How much more is the first than the second?": (
        "Spend, difference",
        spend(of(team="Support")) - spend(of(team="Research")),
    ),
    "spend of doc-search in week 5 | and week 6? | What's the difference between the first and the second?": (
        "Spend, 2026-10-19 to 2026-10-25",
        spend(both(of(feature="doc-search"), in_week(6))),
    ),
    "top 2 users by spend | and the cheapest?": ("Spend, ben", spend(of(user="ben"))),
    "What if traffic doubled?": ("Cost if so", 2 * ALL),
    "What if traffic tripled?": ("Cost if so", 3 * ALL),
    "What if traffic grew by 30%?": ("Cost if so", ALL * Decimal("1.3")),
    "What if prices rose by 10%?": ("Cost if so", ALL * Decimal("1.1")),
    "What if prices fell by 10%?": ("Cost if so", ALL * Decimal("0.9")),
    "What if we got a 15% discount?": ("Cost if so", ALL * Decimal("0.85")),
    "What if chat-help doubled?": ("Cost if so", 2 * spend(of(feature="chat-help"))),
    "What if we used gpt-4o-mini instead of gpt-4o?": (
        "Cost if so",
        spend(of(model="gpt-4o")) * Decimal("0.06"),
    ),
    "What if doc-search had stayed at its week 5 volume in week 6?": (
        "Cost if so",
        spend(both(of(feature="doc-search"), in_week(5))),
    ),
    "What share of spend is Support?": ("Share of Spend: Support", spend(of(team="Support")) / ALL),
    "Compare October with September": ("Spend, difference", spend(OCTOBER) - spend(SEPTEMBER)),
    "Compare week 7 with week 6": ("Spend, difference", spend(in_week(7)) - spend(in_week(6))),
    "Was week 6 more expensive than week 5?": ("Spend, difference", spend(in_week(6)) - spend(in_week(5))),
    "Compare before and after 12 October": ("Spend, before", spend(lambda row: row.week < 5)),
    "What changed since 12 October?": ("Spend, after", spend(lambda row: row.week >= 5)),
    "Compare 21 October with the day before": ("Spend, 2026-10-20", DAILY[date(2026, 10, 20)]),
    "Compare week 7 with the week before": ("Spend, difference", spend(in_week(7)) - spend(in_week(6))),
    "Are weekends cheaper than weekdays?": ("Spend, weekends", spend(is_weekend)),
    "Vergleiche Oktober mit September": ("Spend, difference", spend(OCTOBER) - spend(SEPTEMBER)),
    "Why did spend rise in week 6?": ("Difference in spend", spend(in_week(6)) - spend(in_week(5))),
    "Why did spend fall from week 6 to week 7?": ("Difference in spend", spend(in_week(7)) - spend(in_week(6))),
    "Why did spend double in week 2?": ("Difference in spend", spend(in_week(2)) - spend(in_week(1))),
    "Why did the error rate rise in week 2?": ("Error rate, 2026-09-21", rate(has_error, in_week(2))),
    "Why was 21 October so expensive?": (
        "Difference in spend",
        DAILY[date(2026, 10, 21)] - DAILY[date(2026, 10, 20)],
    ),
    "Which team's costs rose most from week 4 to week 5?": (
        "Difference in spend",
        spend(in_week(5)) - spend(in_week(4)),
    ),
    "Was week 6 more expensive than week 5? | Why?": (
        "Difference in spend",
        spend(in_week(6)) - spend(in_week(5)),
    ),
    "Warum sind die Kosten in Woche 6 gestiegen?": (
        "Difference in spend",
        spend(in_week(6)) - spend(in_week(5)),
    ),
    "Pourquoi les coûts ont-ils augmenté en semaine 6 ?": (
        "Difference in spend",
        spend(in_week(6)) - spend(in_week(5)),
    ),
    "¿Por qué subió el gasto en la semana 6?": ("Difference in spend", spend(in_week(6)) - spend(in_week(5))),
    "Which 2 features cost the most together?": (
        "Spend, together",
        sum(first_of(spend_by(by("feature")), 2).values(), Decimal(0)),
    ),
    "What did we spend, how many requests failed, and who are the top 3 users?": (
        "Failed requests",
        Decimal(count(has_error)),
    ),
    "How many teams do we have, and which is the cheapest?": ("Spend, Support", spend(of(team="Support"))),
    "We have twelve teams. What does each of them spend?": ("Teams", Decimal(3)),
    "Is spend rising?": ("Spend (total)", ALL),
    "Why is Support our most expensive team?": ("Spend, Research", spend(of(team="Research"))),
    "Why is doc-search our most expensive feature?": ("Spend, doc-search", spend(of(feature="doc-search"))),
    "Why is Platform so expensive?": ("Spend, code-review", spend(of(feature="code-review"))),
    "What was the most expensive day?": ("Spend, 2026-10-21", DAILY[date(2026, 10, 21)]),
    "When did we spend the least?": ("Spend, 2026-09-19", DAILY[date(2026, 9, 19)]),
    "busiest hour": ("Requests, 15:00", Decimal(count(lambda row: row.at.hour == 15))),
    "maximum daily requests": ("Requests, 2026-10-21", Decimal(count(lambda row: row.day == date(2026, 10, 21)))),
}
"""A figure that is named, by the beginning of its name."""

GROUPS: dict[str, Mapping[Any, Any]] = {
    "spend by team": spend_by(by("team")),
    "spend by model in October": spend_by(by("model"), OCTOBER),
    "requests by user": requests_by(by("user")),
    "top 2 users by spend": first_of(spend_by(by("user")), 2),
    "bottom 2 features by requests": first_of(requests_by(by("feature")), 2, reverse=False),
    "Which user costs the most?": spend_by(by("user")),
    "Which feature is the cheapest?": spend_by(by("feature")),
    "share of spend by team": spend_by(by("team")),
    "Compare Support with Research": spend_by(by("team"), neither(of(team="Platform"))),
    "errors by type": requests_by(by("error"), has_error),
    "errors by type | by team": requests_by(by("team"), has_error),
    "users with at least $0.5 of spend": {k: v for k, v in spend_by(by("user")).items() if v >= Decimal("0.5")},
    "features with more than 200 requests": {"chat-help": count(of(feature="chat-help"))},
    "models with an error rate above 5%": {
        model: rate(has_error, of(model=model))
        for model in ("gpt-4o", "gpt-4o-mini", "gpt-4.1")
        if rate(has_error, of(model=model)) > Decimal("0.05")
    },
    "spend by week": spend_by(lambda row: row.week),
    "spend by month": spend_by(lambda row: row.day.month),
    "spend by day in week 2": spend_by(by("day"), in_week(2)),
    "spend by hour": spend_by(lambda row: row.at.hour),
    "spend by weekday": spend_by(lambda row: row.day.weekday()),
    "error rate by model": {model: rate(has_error, of(model=model)) for model in ("gpt-4o", "gpt-4o-mini", "gpt-4.1")},
    "Kosten pro Team": spend_by(by("team")),
    "Wer ist der teuerste Nutzer?": spend_by(by("user")),
    "dépenses par équipe": spend_by(by("team")),
    "les 2 utilisateurs les plus chers": first_of(spend_by(by("user")), 2),
    "gasto por equipo": spend_by(by("team")),
    "los 2 usuarios más caros": first_of(spend_by(by("user")), 2),
    "spend by team | only in October": spend_by(by("team"), OCTOBER),
    "spend by team | by user | without ana": spend_by(by("user"), neither(of(user="ana"))),
    "spend by team | and per week?": spend_by(by("week")),
    "spend by team | as a share": spend_by(by("team")),
    "spend by model | only gpt-4o | and in September?": spend_by(by("model"), both(SEPTEMBER, of(model="gpt-4o"))),
    "top 2 users by spend | top 3": first_of(spend_by(by("user")), 3),
    "users who spent between $0.2 and $0.5": {
        user: cost for user, cost in spend_by(by("user")).items() if Decimal("0.2") <= cost <= Decimal("0.5")
    },
    "spend by user | only 2": first_of(spend_by(by("user")), 2),
}
"""The first measure of each group: all values of the first table but that of the other groups."""

KINDS: dict[str, AnswerKind] = {
    "spend by team and model": A,
    "p95 latency by model": A,
    "p95 latency by model | and the median?": A,
    "cost per request by feature": A,
    "cost per 1k output tokens by model": A,
    "Compare gpt-4o and gpt-4.1 by cost per request": A,
    "spend in September and October": A,
    "error rate in week 2 and week 3": A,
    "How much did we spend in September and how much in October?": A,
    "spend of gpt-4.1-nano": C,
    "spend in the next 2 weeks": A,
    "spend next quarter": A,
    "What changed in week 6?": A,
    "p90 daily requests": A,
    "details of the most expensive request": A,
    "When was the last request of eve?": A,
    "top 10 models": A,
    "Why did latency rise in week 5?": A,
    "What if outputs were 20% shorter?": A,
    "What if night-report had stayed at its week 5 volume in week 6?": A,
    "Forecast next week": A,
    "What will we spend next month?": A,
    "Forecast the next 30 days": A,
    "Forecast the next 2 weeks": A,
    "Forecast the next 2 months": A,
    "Forecast December by team": A,
    "Forecast spend of Support": A,
    "What will we spend next quarter?": A,
    "Any anomalies in daily spend?": A,
    "Any unusual days in requests by feature?": A,
    "anomalies of latency": A,
    "Anything odd in the spend of Support?": A,
    "List the 3 most expensive requests": A,
    "List the 3 most expensive requests | only of Support": A,
    "latest 2 requests": A,
    "slowest 5 requests of Research": A,
    "first request": A,
    "Is doc-search getting more expensive?": A,
    "trend of requests": A,
    "What if we used gpt-4o-mini instead of the giant-5?": C,
    "What if we used a cheaper model?": C,
    "What if everything changed?": C,
    "Move it to batch": C,
    "Why?": C,
    "How much did he spend?": C,
    "Which model is best?": C,
    "Which is better?": C,
    "How many?": C,
    "Compare them": C,
    "Compare with last month": C,
    "spend of gpt-9": C,
    "more than 20000": C,
    "What does team Marketing spend?": N,
    "What did we spend in 2019?": N,
    "spend in June": N,
    "How good were the answers?": N,
    "Spend by customer": N,
    "spend by region": N,
    "How many retries were there?": N,
    "What will gpt-4o cost in 2031?": N,
    "What did Berta spend?": N,
    "When will we reach $100?": N,
    "thanks!": T,
    "hello": T,
    "Who are you?": T,
    "Write me a poem": T,
    "How do you compute this?": T,
    "What is a token?": T,
    "export this as CSV": T,
    "How do I upload a log?": T,
    "change the price of gpt-4o": T,
    "Cut our costs by 20% but keep chat-help": R,
    "Where can we save?": R,
    "Reduce spend by 30% without making p95 latency worse": R,
    "Give me an executive summary": R,
}

TWO_LOGS: dict[str, AnswerKind] = {
    "What did we spend?": A,
    "spend by user": A,
    "spend by team and feature": A,
    "spend per day in each log": A,
    "Which features are new in the second log?": A,
    "Which users are gone in the second log?": A,
    "What did we spend in the second log?": A,
    "Compare the two logs": A,
    "How many requests failed in each log?": A,
    "What share of spend is Support?": A,
    "Why is the second log more expensive?": C,
    "How did the error rate change from the first log to the second?": A,
}
"""Asked of the first four weeks and of the last four, which lack a user."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return open_shop(write_log(tmp_path_factory.mktemp("bank") / "all"))


@pytest.fixture(scope="module")
def two_logs(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("two")
    before = write_log(folder / "before", lambda row: row.week <= 4)
    return open_shop(before, write_log(folder / "after", lambda row: row.week > 4 and row.user != "dan"))


def ask(shop: Shop, questions: str) -> Answer:
    """Return the last answer, which reads as English, whatever it says."""
    answer = shop.ask(*questions.split(" | "))
    check_words(questions, answer)
    return answer


def to_float(value: Any) -> float:
    return float(value)


def is_close(value: Any, expected: Any) -> bool:
    found, wanted = Decimal(str(value)), Decimal(str(expected))
    return abs(found - wanted) <= Decimal("1e-9") * max(Decimal(1), abs(wanted))


@pytest.mark.parametrize("questions", FIGURES)
def test_a_figure_is_that_of_the_rows(shop: Shop, questions: str) -> None:
    answer = ask(shop, questions)
    assert is_close(answer.figures[0].value, FIGURES[questions]), str(answer.text)


@pytest.mark.parametrize("questions", NAMED)
def test_a_named_figure_is_that_of_the_rows(shop: Shop, questions: str) -> None:
    answer = ask(shop, questions)
    name, expected = NAMED[questions]
    found = next(each for each in answer.figures if str(each.name).startswith(name))
    assert is_close(found.value, expected), str(answer.text)


@pytest.mark.parametrize("questions", GROUPS)
def test_groups_are_those_of_the_rows(shop: Shop, questions: str) -> None:
    table, expected = ask(shop, questions).tables[0], GROUPS[questions]
    found = {row[0]: row[1] for row in table.rows if row[0] not in ("(all others)", "(none)")}
    assert len(found) == len(expected)
    pairs = zip(sorted(map(to_float, found.values())), sorted(map(to_float, expected.values())), strict=True)
    assert all(is_close(*pair) for pair in pairs)
    named = {name: value for name, value in expected.items() if isinstance(name, str)}
    assert all(name in found and is_close(found[name], value) for name, value in named.items())


@pytest.mark.parametrize("questions", KINDS)
def test_a_question_has_the_kind_of_answer_that_it_asks_for(shop: Shop, questions: str) -> None:
    assert ask(shop, questions).kind is KINDS[questions]


@pytest.mark.parametrize("questions", TWO_LOGS)
def test_two_logs_are_set_side_by_side(two_logs: Shop, questions: str) -> None:
    answer = ask(two_logs, questions)
    assert answer.kind is TWO_LOGS[questions], str(answer.text)


TWO_NAMED_LOGS: dict[str, str] = {
    "Compare the two logs": "Spend rose by ",
    "What did we spend?": "Spend rose by ",
    "spend by feature": "New: night-report.",
    "spend by user": "New: eve. Gone: dan.",
    "spend by team and feature": "Only in the second log: Platform, night-report. Spend, before.csv: $0.71.",
    "spend per day": "Spend per day, before.csv: ",
    "Why is the second log more expensive?": "Spend rose by ",
    "Why did the error rate rise?": "Spend rose by ",
}
"""What the answer about two named logs begins with."""


@pytest.mark.parametrize("questions", TWO_NAMED_LOGS)
def test_two_named_logs_are_compared(two_logs: Shop, questions: str) -> None:
    answer = two_logs.compare(questions, ("before.csv", "after.csv"))
    assert str(answer.text).startswith(TWO_NAMED_LOGS[questions])
    check_words(questions, answer)


def test_figures_of_two_named_logs_are_those_of_their_rows(two_logs: Shop) -> None:
    first, last = (lambda row: row.week <= 4), (lambda row: row.week > 4 and row.user != "dan")
    answer = two_logs.compare("spend by user", ("before.csv", "after.csv"))
    before, after = spend_by(by("user"), first), spend_by(by("user"), last)
    found = {row[0]: row[1:3] for row in answer.tables[0].rows}
    assert found.keys() == {*before, *after}
    for user, figures in found.items():
        assert is_close(figures[0], before.get(user, 0))
        assert is_close(figures[1], after.get(user, 0))
    daily = two_logs.compare("spend per day", ("before.csv", "after.csv"))
    assert [is_close(each.value, spend(keep) / 28) for each, keep in zip(daily.figures, (first, last), strict=True)]


def check_words(questions: str, answer: Answer) -> None:
    plain, shown = show(questions, answer)
    for words in (plain["text"], *plain["notes"]):
        assert words.strip(), questions
        assert not re.search(r"\bNone\b(?!:)|[{}]|Decimal|\bnan\b|00:00:00|\.\.(?!\.)|\s[.,;:]", words), words
        assert words.strip()[-1] in ".?!):", words
    assert plain["text"] in shown


EVERY: Sequence[str] = (*FIGURES, *NAMED, *GROUPS, *KINDS)


def test_numbers_of_two_logs_are_those_of_their_comparison(two_logs: Shop) -> None:
    for question in ("spend by user", "What did we spend?"):
        before, after = (measure(log, Query(by=("user",))) for log in two_logs.logs)
        known = build_known_figures([compare_results(before, after)])
        answer = two_logs.compare(question, ("before.csv", "after.csv"))
        figures = [each for each in answer.figures if "Requests" not in str(each.name)]
        said = " ".join(format_figure(each.value, each.unit) for each in figures if each.unit == "usd")
        assert find_unbacked_numbers(said, known) == ()
    assert [each.text for each in find_unbacked_numbers("They spent $98.76.", known)] == ["$98.76"]


def test_the_bank_has_questions_of_all_kinds() -> None:
    assert len(set(EVERY)) > 200
