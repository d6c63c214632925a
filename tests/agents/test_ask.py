import pytest

from agents.ask import Verdict, grounded, read_ask


@pytest.mark.parametrize(
    ("text", "category", "goal", "guard"),
    [
        ("cut my spend by 30 % without hurting p95 latency", "cost", 30, "p95"),
        ("Cut my spend by 30% without hurting P95 latency.", "cost", 30, "p95"),
        ("we need to halve... I mean save half of the bill, keep quality", "cost", 50, "quality"),
        ("reduce costs by a third", "cost", 100 / 3, None),
        ("save 12,5 percent and don't touch latency", "cost", 12.5, "latency"),
        ("why are answers so slow?", "latency", None, None),
        ("how many requests failed?", "reliability", None, None),
        ("which model has most tokens", "usage", None, None),
        ("", "cost", None, None),
        ("write me a poem about the sea", "unrelated", None, None),
        ("what is the capital of France?", "unrelated", None, None),
    ],
)
def test_it_reads_what_is_wanted(text: str, category: str, goal: float | None, guard: str | None) -> None:
    verdict = read_ask(text)
    assert (verdict.category, verdict.guard) == (category, guard)
    assert verdict.goal_percent == (pytest.approx(goal) if goal else None)


@pytest.mark.parametrize("text", ["save 0 %", "save 250 % of it"])
def test_a_goal_that_cannot_be_is_none(text: str) -> None:
    assert read_ask(text).goal_percent is None


def test_a_goal_that_the_ask_does_not_name_is_dropped() -> None:
    invented = Verdict(category="cost", intent="save", goal_percent=90)
    assert grounded(invented, "cut my spend by 30 %").goal_percent is None
    assert grounded(invented, "cut my spend").goal_percent is None
    assert grounded(invented, "cut 90% please").goal_percent == 90
