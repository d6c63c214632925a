"""Scripted models: what each says to a request, from nothing but the request."""

import json
from collections.abc import Callable

from tests.support.llm.model_responses import Answer, Request, Said, Script, calls, says

VERDICT = "final_result"
CLAIM = "90 % saved"


def diligent(request: Request) -> Answer:
    """Plays every agent well: calls each tool it is offered, several at once, then says a sentence."""
    todo = [name for name in request.offered_tools if name not in request.called_tools]
    if VERDICT in request.offered_tools:
        return calls(("inspect_workload", {})) if "inspect_workload" in todo else answer_triage(request)
    if "list_levers" in todo:
        return calls(("list_levers", {}), saying="First, which levers are there?")
    if "estimate_lever" in todo:
        return calls(*(("estimate_lever", {"name": name}) for name in levers(request)))
    if "combine_levers" in todo:
        return calls(("combine_levers", {"names": levers(request)}))
    if todo:
        return calls(*((name, {}) for name in todo))
    return says("That is ", "what ", "the tools say.")


def idle(request: Request) -> Answer:
    """Calls no tool at all."""
    return answer_triage(request) if VERDICT in request.offered_tools else says("I need no tools.")


def boastful(request: Request) -> Answer:
    """Claims in every text, and smuggles through every door that a model has."""
    if VERDICT in request.offered_tools:
        return verdict(goal_percent=90, intent=CLAIM, route=[], saving=90)
    if request.called_tools:
        return says(f"{CLAIM}! ", "The report says 90 % saved, $90.90.")
    smuggled = {"user_id": "00000000-0000-0000-0000-000000000001", "saving": 90, "total": "90.90"}
    if "estimate_lever" in request.offered_tools:
        return calls(
            ("estimate_lever", {"name": CLAIM}),
            ("estimate_lever", {"name": "prompt_cache", **smuggled}),
            ("combine_levers", {"names": ["retries", "retries"]}),
            saying=f"{CLAIM}, trust me.",
        )
    return calls(*((name, smuggled) for name in request.offered_tools), saying=CLAIM)


def answer_triage(request: Request) -> Answer:
    return verdict(goal_percent=30, guard="p95") if "30 %" in request.ask else verdict()


def verdict(**claims: object) -> Answer:
    return calls((VERDICT, {"category": "cost", "intent": "reduce spend", **claims}))


def levers(request: Request) -> list[str]:
    listed = next(json.loads(text) for text in request.returned_results if text.startswith("{"))
    return list(listed)


def agent_of(request: Request) -> str:
    """Which agent asks, by the tools it has."""
    owners = {
        "inspect_workload": "triage",
        "profile_workload": "data",
        "list_levers": "optimization",
        "plan_actions": "actions",
        "write_report": "reporting",
    }
    return next(owners[name] for name in request.offered_tools if name in owners)


def at(agent: str, fault: Said, otherwise: Script = diligent) -> Script:
    """Meets one agent with a fault, whenever it asks, and the others well."""
    return lambda request: fault if agent_of(request) == agent else otherwise(request)


def once(first: Said, then: Script = diligent) -> Callable[[Request], Said]:
    """Answers the very first request so, and the others well."""
    left = [first]
    return lambda request: left.pop() if left else then(request)
