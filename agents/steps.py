"""What earlier attempts at a run have finished."""

from collections.abc import Mapping

from agents.guard import StepRecord
from agents.models import Step
from netra.core.context import UserExecutionContext
from netra.core.scope import as_user


def steps_of(context: UserExecutionContext) -> Mapping[str, StepRecord]:
    """The run's recorded steps by agent; empty at the first attempt."""
    if context.attempt == 1:
        return {}
    with as_user(context.user_id):
        rows = list(Step.objects.for_user(context.user_id).filter(run_id=context.run_id))
    return {row.agent: StepRecord(agent=row.agent, output=row.output, messages=row.messages) for row in rows}
