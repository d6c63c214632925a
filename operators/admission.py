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
    """A model wants what the operator has not named."""

    code = "not_asked"


class TargetNotFound(ToolRefused):
    """No such user, run or conversation."""

    code = "not_found"


USE_OPERATIONS = "operating.use_operations"
"""To ask the operators' agent in the chat at all; each of its tools needs its own besides."""


def require_permission(operator_id: UUID, permission: str, what: Text) -> User:
    """The operator, as they stand now. Raises NotPermitted for who is switched off, gone or without it."""
    operator = User.objects.filter(pk=operator_id, is_active=True).first()
    if operator is None:
        raise NotPermitted(text("This account is switched off or no longer there."), rule="account")
    if not operator.has_perm(permission):
        words = text(
            "{what} is for operators: it needs the permission {permission}, which you do not have.",
            what=what,
            permission=permission,
        )
        raise NotPermitted(words, rule=f"permission {permission}")
    return operator


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRequest:
    """A call that an operator wants made. `operator_words`: their own words, where a model chose the call."""

    operator_id: UUID
    tool: OperatorTool[Any]
    parsed_input: ToolInput | InvalidArguments
    operator_words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdmission:
    """`operator` is their name now; `rule` and `version` decided; `slot` is held until the call is over."""

    operator: str
    rule: str
    version: int
    slot: UUID | None


def resolve_target(wish: OperatorRequest) -> OperatorTarget | None:
    """Whom the call would be about: for the audit, also of what is refused. Tells nothing to whoever asks."""
    if isinstance(wish.parsed_input, InvalidArguments):
        return None
    try:
        return wish.tool.find_target(wish.parsed_input)
    except NotFound:
        return None


def admit_operator_call(wish: OperatorRequest) -> OperatorAdmission:
    """Raises ToolRefused, each kind with what decided."""
    operator = require_permission(wish.operator_id, wish.tool.permission, wish.tool.title)
    decision = _evaluate_policy(wish)
    slot = _take_slot(wish, decision)
    try:
        _check_request(wish)
    except ToolRefused:
        release_slot(slot)
        raise
    rule = "consent" if wish.tool.requires_consent else decision.rule
    return OperatorAdmission(operator=operator.username, rule=rule, version=decision.version, slot=slot)


def release_slot(slot: UUID | None) -> None:
    with transaction.atomic():
        release_slots([slot] if slot else [])


def _evaluate_policy(wish: OperatorRequest) -> Decision:
    arguments = wish.parsed_input.model_dump(mode="json") if isinstance(wish.parsed_input, ToolInput) else None
    decision = evaluate_call(wish.operator_id, wish.tool.spec, arguments)
    if decision.effect is PolicyEffect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    if decision.effect is PolicyEffect.ASK:
        words = join_texts(" ", (decision.words, text("It was not done.")))
        raise NeedsApproval(words, rule=decision.rule, version=decision.version)
    return decision


def _take_slot(wish: OperatorRequest, decision: Decision) -> UUID | None:
    bounds, tool = decision.quota, wish.tool
    try:
        return take_slot(
            wish.operator_id, tool.name, per_minute=bounds.per_minute, at_once=bounds.at_once, seconds=tool.seconds
        )
    except QuotaExceeded as error:
        raise OverCallQuota(error.words, rule="quota") from error


def _check_request(wish: OperatorRequest) -> None:
    tool, valid = wish.tool, wish.parsed_input
    if isinstance(valid, InvalidArguments):
        raise valid
    try:
        concern = tool.find_target(valid)
    except NotFound as error:
        raise TargetNotFound(error.words, rule="not found") from error
    if wish.operator_words is not None and (
        unsaid := _find_unmentioned(tool.list_required_words(valid), wish.operator_words)
    ):
        names = ", ".join(unsaid)
        words = text("{tool} is done only to what you name yourself: {names}.", tool=tool.title, names=names)
        raise TargetNotNamed(words, rule="not named")
    if tool.requires_consent:
        if concern is None or concern.thread_id is None:
            raise InvalidArguments(text("{tool} is about one conversation of one user.", tool=tool.name))
        require_consent(wish.operator_id, concern.user_id, concern.thread_id)


def _find_unmentioned(names: tuple[str, ...], said: str) -> list[str]:
    """Those that are none of the operator's own words."""
    words = {word.strip(".,;:!?'\"()`").casefold() for word in said.split()}
    return [name for name in names if name.casefold() not in words]
