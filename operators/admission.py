"""Admission of an operator's call, checked in the database when it is made:
permission ▶ policy and quota ▶ valid input ▶ existing target ▶ named by the operator ▶ consent."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from core.concurrency.database_threads import DatabaseExecutor
from core.context import ConnectionContext, UserExecutionContext
from core.exceptions import BadInput, NotFound
from core.i18n.text import Text, join_texts, text
from core.models import User
from core.stream.append import Publish
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext
from operators.consents import require_consent
from tools.admission import (
    AdmittedCall,
    CallAdmission,
    CallSubject,
    evaluate_policy,
    take_call_slot,
    to_policy_arguments,
    withdraw_admission,
)
from tools.base import PolicyEffect, ToolInput
from tools.errors import InvalidArguments, NeedsApproval, NotPermitted, ToolRefused
from tools.policy.rules import Decision


class TargetNotNamed(ToolRefused):
    """A model called a tool for a target that the operator has not named."""

    code = "not_asked"


class TargetNotFound(ToolRefused):
    """There is no such user, run or conversation, or several users have names that look alike."""

    code = "not_found"


USE_OPERATIONS = "operating.use_operations"
"""The permission to use the operators' agent in the chat. Each of its tools needs its own permission too."""


def require_permission(operator_id: UUID, permission: str, what: Text) -> User:
    """Return the operator. Raises NotPermitted if the account is inactive, deleted or lacks the permission."""
    operator = User.objects.filter(pk=operator_id, is_active=True).first()
    if operator is None:
        raise NotPermitted(text("This account has been deactivated or deleted."), rule="account")
    if not operator.has_perm(permission):
        message = text(
            "{what} requires the permission {permission}, which you don't have.",
            what=what,
            permission=permission,
        )
        raise NotPermitted(message, rule=f"permission {permission}")
    return operator


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """A requested call. `operator_words` are what the operator wrote, if a model chose the call; otherwise None."""

    operator_id: UUID
    tool: OperatorTool[Any]
    parsed_input: ToolInput | InvalidArguments
    operator_words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdmission(CallAdmission):
    """`operator` is the operator's name, and `target` the one that was checked."""

    operator: str
    target: OperatorTarget | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdmitter:
    """Admits the calls of the operator whose context it is. Their tools get the target that was checked."""

    context: ConnectionContext
    operator_words: str | None
    data_dir: Path
    database: DatabaseExecutor
    publish: Publish

    @property
    def caller(self) -> CallSubject:
        run_id = self.context.run_id if isinstance(self.context, UserExecutionContext) else None
        return CallSubject(user_id=self.context.user_id, actor_id=self.context.user_id, run_id=run_id)

    async def identify_subject(self, tool: OperatorTool[Any], valid: ToolInput | InvalidArguments) -> CallSubject:
        request = self._build_request(tool, valid)
        return self._to_subject(await self.database.run(self.context.user_id, resolve_target, request))

    async def admit(
        self, tool: OperatorTool[Any], valid: ToolInput | InvalidArguments
    ) -> AdmittedCall[OperatorToolContext]:
        decide = partial(admit_operator_call, self._build_request(tool, valid))
        admission = await self.database.run_or_undo(self.context.user_id, decide, withdraw_admission)
        tool_context = OperatorToolContext(
            context=self.context,
            operator=admission.operator,
            target=admission.target,
            data_dir=self.data_dir,
            publish=self.publish,
        )
        return AdmittedCall(admission=admission, tool_context=tool_context, subject=self._to_subject(admission.target))

    def _build_request(self, tool: OperatorTool[Any], valid: ToolInput | InvalidArguments) -> OperatorRequest:
        return OperatorRequest(
            operator_id=self.context.user_id, tool=tool, parsed_input=valid, operator_words=self.operator_words
        )

    def _to_subject(self, target: OperatorTarget | None) -> CallSubject:
        if target is None:
            return self.caller
        return CallSubject(user_id=target.user_id, actor_id=self.context.user_id, run_id=target.run_id)


def resolve_target(request: OperatorRequest) -> OperatorTarget | None:
    """Return the target of a call before it is admitted, for the audit, which also records refused calls."""
    if isinstance(request.parsed_input, InvalidArguments):
        return None
    try:
        return request.tool.find_target(request.parsed_input)
    except (NotFound, BadInput):
        return None


def admit_operator_call(request: OperatorRequest) -> OperatorAdmission:
    """Admit a call. Raises ToolRefused with the rule that decided."""
    operator = require_permission(request.operator_id, request.tool.permission, request.tool.title)
    decision = _evaluate_policy(request)
    slot = take_call_slot(request.operator_id, request.tool, decision.quota)
    try:
        target = _check_request(request)
    except Exception:
        withdraw_admission(CallAdmission(slot=slot))
        raise
    rule = "consent" if request.tool.requires_consent else decision.rule
    return OperatorAdmission(operator=operator.username, target=target, rule=rule, version=decision.version, slot=slot)


def _evaluate_policy(request: OperatorRequest) -> Decision:
    decision = evaluate_policy(request.operator_id, request.tool, to_policy_arguments(request.parsed_input))
    if decision.effect is PolicyEffect.ASK:
        message = join_texts(" ", (decision.message, text("Nothing was done.")))
        raise NeedsApproval(message, rule=decision.rule, version=decision.version)
    return decision


def _check_request(request: OperatorRequest) -> OperatorTarget | None:
    """Return the target. Raises ToolRefused."""
    tool, parsed_input = request.tool, request.parsed_input
    if isinstance(parsed_input, InvalidArguments):
        raise parsed_input
    try:
        target = tool.find_target(parsed_input)
    except (NotFound, BadInput) as error:
        raise TargetNotFound(error.message, rule="not found") from error
    if request.operator_words is not None and (
        unmentioned := _find_unmentioned(tool.list_required_words(parsed_input), request.operator_words)
    ):
        names = ", ".join(unmentioned)
        message = text(
            "{tool} needs you to name its target. Your message doesn't mention: {names}.", tool=tool.title, names=names
        )
        raise TargetNotNamed(message, rule="not named")
    if tool.requires_consent:
        if target is None or target.thread_id is None:
            raise InvalidArguments(text("{tool} needs the id of one conversation.", tool=tool.name))
        require_consent(request.operator_id, target.user_id, target.thread_id)
    return target


def _find_unmentioned(names: tuple[str, ...], operator_words: str) -> list[str]:
    """Return the names that are not among the operator's own words."""
    mentioned = {word.strip(".,;:!?'\"()`").casefold() for word in operator_words.split()}
    return [name for name in names if name.casefold() not in mentioned]
