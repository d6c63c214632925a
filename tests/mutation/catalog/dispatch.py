"""The parts that agents act and think with."""

from tests.mutation.changes import add_to_module, combine, replace
from tests.mutation.mutation import Mutation

# A request that was given up goes on, and whoever asks next gets its reply.
LEFT_REQUESTS = """
import asyncio

LEFT = []

async def _resume(start_request):
    request = LEFT.pop() if LEFT else asyncio.ensure_future(start_request())
    try:
        return await asyncio.shield(request)
    except asyncio.CancelledError:
        LEFT.append(request)
        raise
"""

MUTATIONS = (
    Mutation(
        name="a dispatcher works on after its block",
        of="tools.dispatcher:CallDispatcher.__aexit__",
        change=replace("self._is_open = False", "self._is_open = True"),
        caught_by=("tools/test_dispatcher.py::test_after_its_block_every_call_raises",),
    ),
    Mutation(
        name="dispatchers share what they found",
        of="tools.dispatcher:CallDispatcher",
        change=combine(
            add_to_module("SHARED = []"),
            replace(
                "results: list[ToolResult] = field(default_factory=list)",
                "results: list[ToolResult] = field(default_factory=lambda: SHARED)",
            ),
        ),
        caught_by=("tools/test_dispatcher.py::test_dispatchers_share_no_results",),
    ),
    Mutation(
        name="a dispatcher reaches every tool",
        of="tools.run_dispatcher:ToolDispatcherFactory.for_context",
        change=replace("{$name: self.catalog[$name] for $name in tools}", "self.catalog"),
        caught_by=("tools/test_dispatcher.py::test_an_agent_can_call_only_its_own_tools",),
    ),
    Mutation(
        name="a defect's details reach the user",
        of="tools.execution:explain_errors",
        change=replace("text(...)", "verbatim_text(f'{tool.title} failed: {error}')"),
        caught_by=("tools/test_dispatcher.py::test_a_defects_details_are_not_shown_to_the_user",),
    ),
    Mutation(
        name="a cancelled request's reply is given to the next who asks",
        of="agents.llm.loop:ModelLoop.__call__",
        change=combine(add_to_module(LEFT_REQUESTS), replace("$agent.run(...)", "_resume(lambda: $agent.run(...))")),
        caught_by=(
            "llm/test_parallel_calls.py::"
            "test_a_cancel_ends_a_run_whose_model_hangs_and_its_connection_serves_nobody_else[before the answer]",
        ),
    ),
    Mutation(
        name="all runs share one folder of scratch",
        of="netra.services:Services.execute_run",
        change=replace("f'{$job.context.run_id}-{$job.context.attempt}'", "'shared'"),
        caught_by=("isolation/test_two_users.py::test_each_attempt_of_each_run_has_its_own_scratch",),
    ),
)
