"""Which calls a shadow may make: those that the user could make, that change nothing and cost nothing."""

from dataclasses import dataclass

from asgiref.sync import sync_to_async

from netra.language.text import text
from tools.admission import Admitted, Request
from tools.base import Effect, SideEffects
from tools.policy.deciding import decide
from tools.refusals import NotPermitted, OverQuota

CALLS = 50  # of one agent in one shadow
RULE = "shadow"


@dataclass(slots=True)
class ShadowGate:
    """Of one shadow. The user's quotas and budgets are theirs: it takes nothing of them, and counts its own calls."""

    calls: int = 0

    async def __call__(self, request: Request) -> Admitted:
        tool = request.tool
        if tool.side_effects is not SideEffects.NONE:
            raise NotPermitted(text("{tool} changes something: a shadow does not call it.", tool=tool.title), rule=RULE)
        if tool.cost:
            raise NotPermitted(text("{tool} costs money: a shadow does not call it.", tool=tool.title), rule=RULE)
        if self.calls >= CALLS:
            raise OverQuota(text("A shadow makes {calls} calls at most.", calls=CALLS), rule=RULE)
        self.calls += 1
        decision = await sync_to_async(decide)(request.context.user_id, tool, request.arguments)
        if decision.effect is not Effect.ALLOW:
            raise NotPermitted(decision.reason, rule=decision.rule, version=decision.version)
        return Admitted(rule=decision.rule, version=decision.version)
