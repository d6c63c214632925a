"""Which path a run takes for each agent: decided when it is begun, written down, and kept to by later attempts."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from legacy.models import AgentPath, RunPath
from legacy.rollout.loading import groups_of, rules_for
from legacy.rollout.rule import path_of
from netra.core.context import UserExecutionContext
from netra.core.scope import as_user


def paths_of(context: UserExecutionContext, agents: Collection[str]) -> Mapping[str, AgentPath]:
    """What an earlier attempt began with, otherwise what the rules say now."""
    if not agents:
        return {}
    known = _begun_with(context)
    new = [agent for agent in agents if agent not in known]
    if not new:
        return known
    rules = rules_for(context.user_id, new)
    groups = groups_of(context.user_id, rules)
    decided = {agent: path_of(agent, context.user_id, groups, rules) for agent in new}
    _write(context, decided)
    return {**known, **decided}


def _begun_with(context: UserExecutionContext) -> Mapping[str, AgentPath]:
    if context.attempt == 1:
        return {}
    with as_user(context.user_id):
        rows = RunPath.objects.for_user(context.user_id).filter(run_id=context.run_id)
        return {agent: AgentPath(path) for agent, path in rows.values_list("agent", "path")}


def _write(context: UserExecutionContext, decided: Mapping[str, AgentPath]) -> None:
    now, mine = datetime.now(UTC), {"owner_id": context.user_id, "run_id": context.run_id}
    with as_user(context.user_id):
        RunPath.objects.bulk_create(
            [RunPath(**mine, agent=agent, path=path, at=now) for agent, path in decided.items()]
        )
