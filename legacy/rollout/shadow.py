"""shadowed: the legacy agent as it is, after whose run the modern one takes the same turn unheard."""

import logging
import time
from datetime import UTC, datetime
from functools import partial
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
    """Goes before a bridged class. The user has been told of the run's end when the shadow begins; where the legacy
    agent fails there is nothing to compare, and none does."""

    beside: ClassVar[type[BaseAgent[Any]]]

    async def execute(self, brief: Brief) -> Any:
        began = time.monotonic()
        output = await super().execute(brief)
        self.kit.later.add(partial(self._shadow, brief, output, milliseconds_since(began)))
        return output

    async def _shadow(self, brief: Brief, output: Any, legacy_ms: int) -> None:
        trial = await tried(self.beside, self.context, self.kit, brief, output)
        try:
            await sync_to_async(store)(self.context, self.name, trial, legacy_ms)
        except DatabaseError:
            # Such as where the user was erased meanwhile.
            log.exception("the result of the shadow of %s could not be stored", self.name)


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
