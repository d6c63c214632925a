"""A question asked step by step is the same as one asked at once. Oracle: the question asked at once."""

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agents.language.questions import read_question
from agents.language.reading import QuestionKind, Reading, Turn
from tests.agents.language.small_log import GRAMMAR, KNOWN, read
from workloads.query.query import Query

MEASURES = {"spend": "spend", "requests": "requests", "error rate": "error rate", "tokens": "tokens"}
GROUPS = ("team", "model", "feature", "week")
MODELS = ("opus-9", "mini-2")
PERIODS = ("in March", "in week 2", "since 1 April")


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
