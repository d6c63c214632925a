from decimal import Decimal

from core.i18n.text import text, verbatim_text
from workloads.analysis.combination import Candidate, Combination, WaterfallStep, build_plan
from workloads.analysis.estimate import Basis, Bound, Estimate, PlanStep

D = Decimal


def estimate(name: str, effort: str) -> Estimate:
    return Estimate(
        name=name,
        title=verbatim_text(name),
        saving=D(1),
        basis=Basis.MODELLED,
        bound=Bound.ESTIMATE,
        headline=True,
        formula=text("all of it"),
        assumptions=(),
        evidence=(),
        unknowns=(),
        steps=(
            PlanStep(
                step=text("do {name}", name=name),
                effort=verbatim_text(effort),
                risk=verbatim_text("low"),
                undo=text("undo it"),
            ),
        ),
    )


def combination(promised: dict[str, int], possible: dict[str, int]) -> Combination:
    return Combination(
        spend=D(100),
        waterfall=tuple(
            WaterfallStep(lever=name, title=verbatim_text(name), before=D(100), saving=D(saving), after=D(0))
            for name, saving in promised.items()
        ),
        total=D(0),
        share=0.0,
        goal_percent=None,
        goal_met=None,
        gap=None,
        candidates=tuple(
            Candidate(
                lever=name,
                title=verbatim_text(name),
                adds=D(adds),
                basis=Basis.MODELLED,
                bound=Bound.UPPER,
                closes=False,
            )
            for name, adds in possible.items()
        ),
        latencies=(),
        latency_unknown=None,
        guard=None,
    )


def test_it_orders_steps_by_saving_for_their_effort_and_promises_first() -> None:
    estimates = [
        estimate("big", "high - much"),
        estimate("small", "low - little"),
        estimate("maybe", "low"),
        estimate("mid", "medium"),
    ]
    items = build_plan(estimates, combination({"big": 10, "small": 4, "mid": 8}, {"maybe": 99}))
    assert [(item.lever, item.saving, item.promised) for item in items] == [
        ("small", D(4), True),
        ("mid", D(8), True),
        ("big", D(10), True),
        ("maybe", D(99), False),
    ]
    assert (items[0].step, items[0].risk, items[0].undo) == ("do small", "low", "undo it")


def test_it_plans_nothing_that_saves_nothing() -> None:
    assert build_plan([estimate("idle", "low"), estimate("void", "low")], combination({"idle": 0}, {})) == ()
