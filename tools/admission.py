"""Admission of a call at the moment it is made: permitted, then within budget, then within quota."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import UserExecutionContext
from core.db import as_writer
from core.i18n.text import Text
from tools.base import PolicyEffect, Tool, ToolContext, ToolInput, ToolSpec
from tools.errors import InvalidArguments, NotPermitted, OverBudget, OverCallQuota, ToolRefused
from tools.policy.decisions import PolicyGrounds, decide_call, evaluate_call, load_grounds
from tools.policy.rules import UNBOUNDED_QUOTA, Decision, Quota
from tools.quota.slots import QuotaExceeded, release_slots, take_slot
from tools.spending.budgets import BudgetAlert, BudgetExhausted, check_budgets, reserve_cost
from tools.spending.ledger import release_holds

ToolT_contra = TypeVar("ToolT_contra", bound=ToolSpec[Any], contravariant=True)
ContextT_co = TypeVar("ContextT_co", covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """`arguments` are those of the tool's input, as JSON data; None if they do not fit it."""

    context: UserExecutionContext
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAdmission:
    """The decision on a call, with the rule that made it and the rule's version.

    `slot` and `reservation` are released when the call is settled. `approval_reason` is set if somebody must approve
    the call first. `alerts` are for budgets that are nearly spent.
    """

    rule: str = ""
    version: int = 0
    slot: UUID | None = None
    reservation: UUID | None = None
    approval_reason: Text | None = None
    alerts: tuple[BudgetAlert, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSubject:
    """The user whom a call is about, the operator who makes it (None: the user), and the run, for the audit."""

    user_id: UUID
    actor_id: UUID | None
    run_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedCall(Generic[ContextT_co]):
    """A call that may be made, and the context that its tool gets."""

    admission: CallAdmission
    tool_context: ContextT_co
    subject: CallSubject


class CallAdmitter(Protocol[ToolT_contra, ContextT_co]):
    """Decides on the calls of one caller. `valid` is an error if the arguments do not fit the tool's input."""

    @property
    def caller(self) -> CallSubject:
        """Return the subject of a call that is about nobody else."""

    async def identify_subject(self, tool: ToolT_contra, valid: ToolInput | InvalidArguments) -> CallSubject:
        """Return the subject of a call before it is admitted, as refused calls are audited too."""

    async def admit(self, tool: ToolT_contra, valid: ToolInput | InvalidArguments) -> AdmittedCall[ContextT_co]:
        """Admit a call. Raises ToolRefused with a message for the caller; then nothing is held, nor if cancelled."""


AdmissionCheck = Callable[[CallRequest], Awaitable[CallAdmission]]
"""Raises ToolRefused, with a message for the user."""

JointAdmissionCheck = Callable[[Sequence[CallRequest]], Awaitable[list[CallAdmission | ToolRefused]]]
"""Decides on each of several calls, or only on the first of them; see `admit_together`."""


async def admit_call(request: CallRequest, database: DatabaseExecutor | None = None) -> CallAdmission:
    """Decide on a call by what the database says now, so that any change counts from the next call on."""
    # Nobody else would know of the slot that a decision takes: it is released if the call is cancelled meanwhile.
    return await (database or SharedThreadExecutor()).run_or_undo(
        request.context.user_id, partial(_decide_admission, request), withdraw_admission
    )


async def admit_together(
    requests: Sequence[CallRequest], database: DatabaseExecutor | None = None
) -> list[CallAdmission | ToolRefused]:
    """Decide on the calls of one run that are made at this moment, each by itself, in one crossing of threads.

    Nothing is taken for them: the decisions end before the first call that needs a slot, a reservation or an approval.
    """
    if not requests:
        return []
    return await (database or SharedThreadExecutor()).run(
        requests[0].context.user_id, lambda: list(_decide_together(requests))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAdmitter:
    """Admits a user's calls by `check`. All tools of a turn get the same context."""

    check: AdmissionCheck
    tool_context: ToolContext

    @property
    def caller(self) -> CallSubject:
        context = self.tool_context.context
        return CallSubject(user_id=context.user_id, actor_id=None, run_id=context.run_id)

    async def identify_subject(self, tool: Tool[Any], valid: ToolInput | InvalidArguments) -> CallSubject:
        return self.caller

    async def admit(self, tool: Tool[Any], valid: ToolInput | InvalidArguments) -> AdmittedCall[ToolContext]:
        request = CallRequest(context=self.tool_context.context, tool=tool, arguments=to_policy_arguments(valid))
        return AdmittedCall(admission=await self.check(request), tool_context=self.tool_context, subject=self.caller)


def to_policy_arguments(valid: ToolInput | InvalidArguments) -> Mapping[str, Any] | None:
    """Return the arguments as policies see them: what the tool would get, or None if they do not fit."""
    return valid.model_dump(mode="json") if isinstance(valid, ToolInput) else None


def withdraw_admission(admission: CallAdmission) -> None:
    """Release the slot and the reservation of a call that is not made."""
    with as_writer():
        release_slots([admission.slot] if admission.slot else [])
        release_holds([admission.reservation] if admission.reservation else [])


def _decide_admission(request: CallRequest) -> CallAdmission:
    context, tool = request.context, request.tool
    decision = evaluate_policy(context.user_id, tool, request.arguments)
    alerts = _check_budgets(request)
    slot = take_call_slot(context.user_id, tool, decision.quota)
    admission = CallAdmission(
        rule=decision.rule,
        version=decision.version,
        slot=slot,
        approval_reason=decision.message if decision.effect is PolicyEffect.ASK else None,
        alerts=alerts,
    )
    return replace(admission, reservation=_reserve_cost(request, admission)) if tool.cost else admission


def _decide_together(requests: Sequence[CallRequest]) -> Iterable[CallAdmission | ToolRefused]:
    """Yield the decisions. What they need is read once for the calls of a tool, as they are made at the same moment."""
    grounds: dict[str, PolicyGrounds | None] = {}
    alerts: dict[str, tuple[BudgetAlert, ...]] = {}
    for request in requests:
        context, tool = request.context, request.tool
        if tool.cost:
            return
        if tool.name not in grounds:
            grounds[tool.name] = load_grounds(context.user_id, tool)
        decision = decide_call(grounds[tool.name], tool, request.arguments)
        if decision.effect is not PolicyEffect.DENY and _needs_more(decision):
            return
        try:
            _refuse_denied(decision)
            if tool.name not in alerts:
                alerts[tool.name] = _check_budgets(request)
        except ToolRefused as error:
            yield error
        else:
            yield CallAdmission(rule=decision.rule, version=decision.version, alerts=alerts[tool.name])


def _needs_more(decision: Decision) -> bool:
    """Whether a call that is not denied needs an approval or a slot."""
    return decision.effect is PolicyEffect.ASK or decision.quota != UNBOUNDED_QUOTA


def _check_budgets(request: CallRequest) -> tuple[BudgetAlert, ...]:
    try:
        return check_budgets(request.context.user_id, request.context.run_id, tool=request.tool.name)
    except BudgetExhausted as error:
        raise OverBudget(error.message, rule="budget") from error


def evaluate_policy(user_id: UUID, tool: ToolSpec[Any], arguments: Mapping[str, Any] | None) -> Decision:
    """Return what the policies say of a call, ALLOW or ASK. Raises NotPermitted if they deny it."""
    decision = evaluate_call(user_id, tool, arguments)
    _refuse_denied(decision)
    return decision


def _refuse_denied(decision: Decision) -> None:
    if decision.effect is PolicyEffect.DENY:
        raise NotPermitted(decision.message, rule=decision.rule, version=decision.version)


def take_call_slot(user_id: UUID, tool: ToolSpec[Any], quota: Quota) -> UUID | None:
    """Take a slot for the call, if the user's plan limits calls of this tool. Raises OverCallQuota."""
    try:
        return take_slot(user_id, tool.name, per_minute=quota.per_minute, at_once=quota.at_once, seconds=tool.seconds)
    except QuotaExceeded as error:
        raise OverCallQuota(error.message, rule="quota") from error


def _reserve_cost(request: CallRequest, admission: CallAdmission) -> UUID | None:
    context, tool = request.context, request.tool
    try:
        return reserve_cost(context.user_id, context.run_id, tool=tool.name, cost=tool.cost, seconds=tool.seconds)
    except BudgetExhausted as error:
        withdraw_admission(admission)
        raise OverBudget(error.message, rule="budget") from error
