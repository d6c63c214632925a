"""Admission of an operator's call, checked in the database when it is made:
permission ▶ policy and quota ▶ valid input ▶ existing target ▶ named by the operator ▶ consent. Synchronous."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from core.exceptions import NotFound
from core.i18n.text import Text, join_texts, text
from core.models import User
from operators.base import OperatorTarget, OperatorTool
from operators.consents import require_consent
from tools.base import PolicyEffect, ToolInput
from tools.errors import InvalidArguments, NeedsApproval, NotPermitted, OverCallQuota, ToolRefused
from tools.policy.decisions import evaluate_call
from tools.policy.rules import Decision
from tools.quota.slots import QuotaExceeded, release_slots, take_slot


class TargetNotNamed(ToolRefused):
    """A model called a tool for a target that the operator has not named."""

    code = "not_asked"


class TargetNotFound(ToolRefused):
    """There is no such user, run or conversation."""

    code = "not_found"


USE_OPERATIONS = "operating.use_operations"
"""The permission to use the operators' agent in the chat. Each of its tools needs its own permission too."""


def require_permission(operator_id: UUID, permission: str, what: Text) -> User:
    """Return the operator. Raises NotPermitted if the account is inactive, deleted or lacks the permission."""
    operator = User.objects.filter(pk=operator_id, is_active=True).first()
    if operator is None:
        raise NotPermitted(text("This account is switched off or no longer there."), rule="account")
    if not operator.has_perm(permission):
        message = text(
            "{what} is for operators: it needs the permission {permission}, which you do not have.",
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
class OperatorAdmission:
    """`operator` is the operator's name; `rule` and `version` decided; `slot` is released when the call has ended."""

    operator: str
    rule: str
    version: int
    slot: UUID | None


def resolve_target(request: OperatorRequest) -> OperatorTarget | None:
    """Return the target of a call before it is admitted, for the audit, which also records refused calls."""
    if isinstance(request.parsed_input, InvalidArguments):
        return None
    try:
        return request.tool.find_target(request.parsed_input)
    except NotFound:
        return None


def admit_operator_call(request: OperatorRequest) -> OperatorAdmission:
    """Admit a call. Raises ToolRefused with the rule that decided."""
    operator = require_permission(request.operator_id, request.tool.permission, request.tool.title)
    decision = _evaluate_policy(request)
    slot = _take_slot(request, decision)
    try:
        _check_request(request)
    except ToolRefused:
        release_slot(slot)
        raise
    rule = "consent" if request.tool.requires_consent else decision.rule
    return OperatorAdmission(operator=operator.username, rule=rule, version=decision.version, slot=slot)


def release_slot(slot: UUID | None) -> None:
    with transaction.atomic():
        release_slots([slot] if slot else [])


def _evaluate_policy(request: OperatorRequest) -> Decision:
    arguments = request.parsed_input.model_dump(mode="json") if isinstance(request.parsed_input, ToolInput) else None
    decision = evaluate_call(request.operator_id, request.tool.spec, arguments)
    if decision.effect is PolicyEffect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    if decision.effect is PolicyEffect.ASK:
        message = join_texts(" ", (decision.words, text("It was not done.")))
        raise NeedsApproval(message, rule=decision.rule, version=decision.version)
    return decision


def _take_slot(request: OperatorRequest, decision: Decision) -> UUID | None:
    quota, tool = decision.quota, request.tool
    try:
        return take_slot(
            request.operator_id, tool.name, per_minute=quota.per_minute, at_once=quota.at_once, seconds=tool.seconds
        )
    except QuotaExceeded as error:
        raise OverCallQuota(error.words, rule="quota") from error


def _check_request(request: OperatorRequest) -> None:
    tool, parsed_input = request.tool, request.parsed_input
    if isinstance(parsed_input, InvalidArguments):
        raise parsed_input
    try:
        target = tool.find_target(parsed_input)
    except NotFound as error:
        raise TargetNotFound(error.words, rule="not found") from error
    if request.operator_words is not None and (
        unmentioned := _find_unmentioned(tool.list_required_words(parsed_input), request.operator_words)
    ):
        names = ", ".join(unmentioned)
        message = text("{tool} is done only to what you name yourself: {names}.", tool=tool.title, names=names)
        raise TargetNotNamed(message, rule="not named")
    if tool.requires_consent:
        if target is None or target.thread_id is None:
            raise InvalidArguments(text("{tool} is about one conversation of one user.", tool=tool.name))
        require_consent(request.operator_id, target.user_id, target.thread_id)


def _find_unmentioned(names: tuple[str, ...], operator_words: str) -> list[str]:
    """Return the names that are not among the operator's own words."""
    mentioned = {word.strip(".,;:!?'\"()`").casefold() for word in operator_words.split()}
    return [name for name in names if name.casefold() not in mentioned]
