"""A question asked step by step is the same as one asked at once. Oracle: the question asked at once."""

from dataclasses import replace
from datetime import datetime

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agents.language.questions import read_question
from agents.language.reading import QuestionKind, Reading, Turn
from tests.agents.language.small_log import GRAMMAR, KNOWN, read
from workloads.query.query import Filter, Order, Period, Query

MEASURES = {"spend": "spend", "requests": "requests", "error rate": "error rate", "tokens": "tokens"}
GROUPS = ("team", "model", "feature", "week")
MODELS = ("opus-9", "mini-2")
PERIODS = ("in March", "in week 2", "since 1 April")


def days(first: str, end: str) -> Period:
    return Period(start=datetime.fromisoformat(first), end=datetime.fromisoformat(end))


def ask(earlier: list[Turn], question: str) -> Reading:
    return read_question(question, GRAMMAR, KNOWN, earlier=earlier)


class Conversation(RuleBasedStateMachine):
    """Changes one thing of a question at a time; the whole question is asked at once, beside it."""

    @initialize(measure=st.sampled_from(sorted(MEASURES)), group=st.sampled_from(GROUPS))
    def begin(self, measure: str, group: str) -> None:
        self.measure, self.group, self.model, self.period = measure, group, "", ""
        self.turns: list[Turn] = []
        self._say(f"{measure} by {group}")

    def _say(self, question: str) -> None:
        self.reading = ask(self.turns, question)
        self.turns.append(Turn(reading=self.reading))

    @rule(group=st.sampled_from(GROUPS))
    def group_by(self, group: str) -> None:
        self.group = group
        self._say(f"and by {group}?")

    @rule(measure=st.sampled_from(sorted(MEASURES)))
    def measure_instead(self, measure: str) -> None:
        self.measure = measure
        self._say(f"{measure} instead")

    @rule(model=st.sampled_from(MODELS))
    def only_model(self, model: str) -> None:
        self.model = model
        self._say(f"only {model}")

    @rule(period=st.sampled_from(PERIODS))
    def change_period(self, period: str) -> None:
        self.period = period
        self._say(f"what about {period}?")

    @rule()
    def thank(self) -> None:
        self.turns.append(Turn(reading=ask(self.turns, "thanks!")))

    @invariant()
    def is_the_question_asked_at_once(self) -> None:
        if not getattr(self, "turns", None):
            return
        words = (self.measure, "of" if self.model else "", self.model, "by", self.group, self.period)
        whole = read(" ".join(word for word in words if word))
        assert whole.kind is self.reading.kind is QuestionKind.MEASURE
        assert set(whole.query.where) == set(self.reading.query.where)
        assert replace(whole.query, where=()) == replace(self.reading.query, where=())


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=8, deadline=None)


def test_why_explains_the_comparison_before() -> None:
    reading = read("Why?", "Was week 3 more expensive than week 2?")
    assert reading.kind is QuestionKind.EXPLAIN
    assert len(reading.parts) == 2


def test_another_target_is_for_the_same_requests() -> None:
    first, second = (
        read("What if chat-help moved to mini-2?"),
        read("and to opus-9?", "What if chat-help moved to mini-2?"),
    )
    assert first.query == second.query
    assert second.supposition is not None
    assert second.supposition.model == "opus-9"


def test_a_whole_question_is_no_follow_up() -> None:
    assert read("how many requests failed?", "top 2 teams").query == Query(measures=("failures",))
    assert read("how about March?", "top 2 teams").query.by == ("team",)


def test_periods_stand_in_their_own_order_after_a_ranking() -> None:
    query = read("and per day?", "top 2 teams").query
    assert (query.by, query.order, query.limit) == (("day",), None, None)


SHIFTED = {
    "and the 7 days before?": ("2026-04-02", "2026-04-09"),
    "and the previous 7 days?": ("2026-04-02", "2026-04-09"),
    "and the 3 days before that?": ("2026-04-06", "2026-04-09"),
    "and the week before?": ("2026-04-02", "2026-04-09"),
    "and the one before that?": ("2026-04-02", "2026-04-09"),
    "and the 2 weeks before?": ("2026-03-26", "2026-04-09"),
    "and the 7 days after?": ("2026-04-16", "2026-04-23"),
    "und die 7 Tage davor?": ("2026-04-02", "2026-04-09"),
    "et les 7 jours précédents ?": ("2026-04-02", "2026-04-09"),
    "¿y los 7 días anteriores?": ("2026-04-02", "2026-04-09"),
}


def test_a_period_beside_that_of_the_question_before() -> None:
    for question, (start, end) in SHIFTED.items():
        assert read(question, "spend in the last 7 days").query == Query(period=days(start, end)), question
    assert read("and the month before?", "spend in April").query.period == days("2026-03-01", "2026-04-01")
    assert read("and the one before that?", "spend in April").query.period == days("2026-03-01", "2026-04-01")
    assert read("and the week after?", "spend last week").query.period == days("2026-04-13", "2026-04-20")
    assert read("and the one before that?", "spend last week", "and the week before?").query.period == days(
        "2026-03-23", "2026-03-30"
    )
    for question in ("and the 7 days before?", "and the one after that?"):
        assert read(question, "spend by team").kind is QuestionKind.CLARIFY, question


def test_a_period_beside_one_that_is_named() -> None:
    assert read("spend in the 7 days before 20 March").query.period == days("2026-03-13", "2026-03-20")
    assert read("spend in the week after 10 March").query.period == days("2026-03-11", "2026-03-18")
    assert read("spend the week after week 2").query.period == days("2026-03-16", "2026-03-23")


def test_two_periods_are_compared_for_what_the_question_before_is_about() -> None:
    reading = read("compare the first week with the last week", "cost per request by feature", "only mini-2")
    assert reading.kind is QuestionKind.COMPARE
    first, second = (part.query for part in reading.parts)
    assert first == replace(second, period=first.period)
    assert (first.measures, first.by, first.where) == (
        ("cost_per_request",),
        ("feature",),
        (Filter(field="model", values=("mini-2",)),),
    )
    assert (first.period, second.period) == (days("2026-03-02", "2026-03-09"), days("2026-04-06", "2026-04-13"))
    own = read("compare requests in week 1 with week 2", "cost per request by feature")
    assert own.parts[0].query == Query(measures=("requests",), period=days("2026-03-02", "2026-03-09"))


def test_one_thing_of_a_comparison_is_changed() -> None:
    before = read("Compare March with April")
    old = before.parts[0].query
    for question, changed in {
        "requests instead": replace(old, measures=("requests",)),
        "and by model?": replace(old, by=("model",)),
        "only mini-2": replace(old, where=(Filter(field="model", values=("mini-2",)),)),
    }.items():
        reading = read(question, "Compare March with April")
        assert reading.kind is QuestionKind.COMPARE, question
        expected = [replace(changed, period=part.query.period) for part in before.parts]
        assert [part.query for part in reading.parts] == expected, question


def test_a_question_that_changes_nothing_is_none_of_the_question_before() -> None:
    asked = "list the most expensive requests"
    failed = read("how many requests failed, and what did they cost?", asked)
    assert failed.query == Query(measures=("failures", "failed_spend"))
    assert read("and frobnicate?", "spend by team").kind is QuestionKind.CLARIFY
    assert read("what about the zorgs?", "spend by team").query != read("spend by team").query
    assert read("and by team?", "spend by team").query == read("spend by team").query


def test_a_superlative_without_a_group_is_about_the_groups_before() -> None:
    reading = read("which is the cheapest?", "spend by team")
    assert reading.query == Query(by=("team",), order=Order(by="spend", descending=False))
    alone = read("which is the most expensive?")
    assert alone.kind is QuestionKind.CLARIFY
    assert "Which model has the highest spend?" in alone.choices


def test_an_answer_is_shown_again_as_a_chart_or_a_table() -> None:
    for question, wishes in {
        "spend by team": ("as a chart", "and as a table please", "can you put that in a table?", "now draw a graph"),
        "Kosten pro Team": ("als Diagramm", "als Tabelle"),
        "coût par équipe": ("sous forme de graphique", "en tableau"),
        "gasto por equipo": ("como gráfico", "en una tabla"),
    }.items():
        first = ask([], question)
        for wish in wishes:
            assert ask([Turn(reading=first)], wish).query == first.query, wish
            assert ask([], wish).kind is QuestionKind.CLARIFY, wish


def test_a_chart_of_one_figure_is_one_by_week() -> None:
    first = ask([], "what did we spend in March?")
    assert ask([Turn(reading=first)], "as a chart").query == replace(first.query, by=("week",))
    assert ask([Turn(reading=first)], "as a table").query == first.query
