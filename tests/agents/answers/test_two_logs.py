"""The other log that a question means, and the same question of both."""

from uuid import uuid4

import pytest

from agents.answers.two_logs import OtherLog, compare_logs, find_other_logs, is_about_two_logs
from agents.language.reading import QuestionKind, Reading
from workloads.query.query import Query

NOVEMBER, USAGE, SEARCH = (OtherLog(id=uuid4(), name=name) for name in ("november.csv", "usage.csv", "search-eu.jsonl"))
OTHERS = (NOVEMBER, USAGE, SEARCH)
NAMES = ("october.csv", "november.csv")


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        ("Compare with november.csv", (NOVEMBER,)),
        ("compare with November", (NOVEMBER,)),
        ("How does it compare with search-eu?", (SEARCH,)),
        ("Compare with usage.csv", (USAGE,)),
        ("Compare the two logs", OTHERS),
        ("What did we spend in each log?", OTHERS),
        # About the selected log only: a month, a common word and a part of a name are no logs.
        ("What did we spend in November?", ()),
        ("Compare our usage of gpt-4o with that of gpt-4o-mini", ()),
        ("Compare research-eu with others", ()),
        ("What did we spend?", ()),
    ],
)
def test_the_other_log_is_found(ask: str, found: tuple[OtherLog, ...]) -> None:
    assert find_other_logs(ask, OTHERS) == found


def test_no_log_is_found_where_there_is_none() -> None:
    assert find_other_logs("Compare the two logs", ()) == ()


def test_a_figure_is_asked_of_both_logs() -> None:
    query = Query(measures=("error_rate",))
    compared = compare_logs("?", Reading(kind=QuestionKind.MEASURE, query=query), NAMES)
    assert compared.kind is QuestionKind.COMPARE
    assert [(part.label, part.log, part.query) for part in compared.parts] == [
        ("october.csv", 0, query),
        ("november.csv", 1, query),
    ]
    assert is_about_two_logs(compared)


def test_a_figure_per_day_is_its_mean() -> None:
    compared = compare_logs("?", Reading(kind=QuestionKind.MEASURE, query=Query(by=("day",))), NAMES)
    assert [part.query.statistics for part in compared.parts] == [("mean",), ("mean",)]


def test_a_share_is_that_of_all_requests_whatever_the_period() -> None:
    query = Query(measures=("cache_share",), by=("week",))
    compared = compare_logs("?", Reading(kind=QuestionKind.MEASURE, query=query), NAMES)
    assert {(part.query.by, part.query.statistics) for part in compared.parts} == {((), ())}


def test_a_cause_is_explained_from_one_log_to_the_other() -> None:
    assert compare_logs("?", Reading(kind=QuestionKind.EXPLAIN), NAMES).kind is QuestionKind.EXPLAIN


def test_why_without_periods_is_about_the_two_logs() -> None:
    asked_back = Reading(kind=QuestionKind.CLARIFY)
    assert compare_logs("Why is the second log cheaper?", asked_back, NAMES).kind is QuestionKind.EXPLAIN
    assert compare_logs("Compare the two logs", asked_back, NAMES).kind is QuestionKind.COMPARE


def test_what_is_not_about_figures_stays_as_it_is() -> None:
    for reading in (Reading(kind=QuestionKind.CANNOT, topic="quality"), Reading(kind=QuestionKind.REPORT)):
        assert compare_logs("?", reading, NAMES) == reading
