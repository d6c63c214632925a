"""shadowed: the legacy agent as it is, after whose turn the modern one takes the same turn unheard."""

import logging
import time
from datetime import UTC, datetime
from typing import Any, ClassVar, cast

from asgiref.sync import sync_to_async
from django.db import DatabaseError

from agents.base import BaseAgent
from agents.brief import Brief
from legacy.models import ShadowResult
from legacy.rollout.trial import Trial, milliseconds_since, tried
from netra.core.context import UserExecutionContext
from netra.core.scope import as_user

log = logging.getLogger(__name__)


class Shadowed(BaseAgent[Any]):
    """Goes before a bridged class. The user has been told of the legacy agent's end when the shadow begins; where the
    legacy agent fails there is nothing to compare, and none does."""

    beside: ClassVar[type[BaseAgent[Any]]]

    async def execute(self, brief: Brief) -> Any:
        began = time.monotonic()
        output = await super().execute(brief)
        took = milliseconds_since(began)
        trial = await tried(self.beside, self.context, self.kit, brief, output)
        try:
            await sync_to_async(store)(self.context, self.name, trial, took)
        except DatabaseError:
            log.exception("the result of the shadow of %s could not be stored", self.name)
        return output


def shadowed(legacy: type[BaseAgent[Any]], modern: type[BaseAgent[Any]]) -> type[BaseAgent[Any]]:
    members = {"__module__": legacy.__module__, "beside": modern}
    return cast(type[BaseAgent[Any]], type(f"Shadowed{legacy.__name__}", (Shadowed, legacy), members))


def store(context: UserExecutionContext, agent: str, trial: Trial, legacy_ms: int) -> None:
    with as_user(context.user_id):
        ShadowResult.objects.create(
            owner_id=context.user_id,
            run_id=context.run_id,
            agent=agent,
            verdict=trial.verdict,
            fields=list(trial.fields),
            error=trial.error,
            legacy_ms=legacy_ms,
            modern_ms=trial.modern_ms,
            cost=trial.cost,
            at=datetime.now(UTC),
        )
