"""Whether an operator may make a call, by the database and at its moment: permitted ▶ policy and quota ▶ valid ▶
somebody there ▶ named ▶ consented. Synchronous."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from netra.core.exceptions import NotFound
from netra.language.text import joined, text
from netra.operating.base import Concern, OperatorTool
from netra.operating.consents import holding
from netra.operating.permission import require
from netra.operating.refusals import NobodyThere, NotAsked
from tools.base import Effect, ToolInput
from tools.policy.deciding import decide
from tools.policy.decision import Decision
from tools.quota.exceeded import QuotaExceeded
from tools.quota.slots import give_back, take
from tools.refusals import InvalidArguments, NeedsApproval, NotPermitted, OverQuota, ToolRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A call that an operator wants made. `said`: their own words, where a model chose the call."""

    operator_id: UUID
    tool: OperatorTool[Any]
    valid: ToolInput | InvalidArguments
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """`operator` is their name now; `rule` and `version` decided; `slot` is held until the call is over."""

    operator: str
    rule: str
    version: int
    slot: UUID | None


def concerned(wish: Wish) -> Concern | None:
    """Whom the call would be about: for the audit, also of what is refused. Tells nothing to whoever asks."""
    if isinstance(wish.valid, InvalidArguments):
        return None
    try:
        return wish.tool.concerns(wish.valid)
    except NotFound:
        return None


def admit(wish: Wish) -> Leave:
    """Raises ToolRefused, each kind with what decided."""
    operator = require(wish.operator_id, wish.tool.permission, wish.tool.title)
    decision = _decided(wish)
    slot = _slot(wish, decision)
    try:
        _check(wish)
    except ToolRefused:
        release(slot)
        raise
    rule = "consent" if wish.tool.words else decision.rule
    return Leave(operator=operator.username, rule=rule, version=decision.version, slot=slot)


def release(slot: UUID | None) -> None:
    with transaction.atomic():
        give_back([slot] if slot else [])


def _decided(wish: Wish) -> Decision:
    arguments = wish.valid.model_dump(mode="json") if isinstance(wish.valid, ToolInput) else None
    decision = decide(wish.operator_id, wish.tool.listed, arguments)
    if decision.effect is Effect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    if decision.effect is Effect.ASK:
        words = joined(" ", (decision.words, text("It was not done.")))
        raise NeedsApproval(words, rule=decision.rule, version=decision.version)
    return decision


def _slot(wish: Wish, decision: Decision) -> UUID | None:
    bounds, tool = decision.quota, wish.tool
    try:
        return take(
            wish.operator_id, tool.name, per_minute=bounds.per_minute, at_once=bounds.at_once, seconds=tool.seconds
        )
    except QuotaExceeded as error:
        raise OverQuota(error.words, rule="quota") from error


def _check(wish: Wish) -> None:
    tool, valid = wish.tool, wish.valid
    if isinstance(valid, InvalidArguments):
        raise valid
    try:
        concern = tool.concerns(valid)
    except NotFound as error:
        raise NobodyThere(error.words, rule="not found") from error
    if wish.said is not None and (unsaid := _unsaid(tool.named(valid), wish.said)):
        names = ", ".join(unsaid)
        words = text("{tool} is done only to what you name yourself: {names}.", tool=tool.title, names=names)
        raise NotAsked(words, rule="not named")
    if tool.words:
        if concern is None or concern.thread_id is None:
            raise InvalidArguments(text("{tool} is about one conversation of one user.", tool=tool.name))
        holding(wish.operator_id, concern.user_id, concern.thread_id)


def _unsaid(names: tuple[str, ...], said: str) -> list[str]:
    """Those that are none of the operator's own words."""
    words = {word.strip(".,;:!?'\"()`").casefold() for word in said.split()}
    return [name for name in names if name.casefold() not in words]
