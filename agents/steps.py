"""What earlier attempts at a run have finished."""

from collections.abc import Mapping

from agents.guard import StepRecord
from agents.models import Step
from netra.core.context import UserExecutionContext


def steps_of(context: UserExecutionContext) -> Mapping[str, StepRecord]:
    """The run's recorded steps by agent; empty at the first attempt."""
    if context.attempt == 1:
        return {}
    rows = Step.objects.for_user(context.user_id).filter(run_id=context.run_id)
    return {row.agent: StepRecord(agent=row.agent, output=row.output, messages=row.messages) for row in rows}
