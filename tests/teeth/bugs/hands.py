"""What agents act and think with."""

from tests.teeth.bug import Bug

BUGS = (
    Bug(
        name="a dispatcher works on after its block",
        file="tools/dispatcher.py",
        edits=(("    ) -> None:\n        self._open = False\n", "    ) -> None:\n        self._open = True\n"),),
        caught_by=("tools/test_dispatcher.py::test_after_its_block_every_call_raises",),
    ),
    Bug(
        name="dispatchers share what they found",
        file="tools/dispatcher.py",
        edits=(
            (
                "@dataclass(slots=True)\nclass ToolDispatcher:",
                "FOUND: list[ToolResult] = []\n\n\n@dataclass(slots=True)\nclass ToolDispatcher:",
            ),
            (
                "field(default_factory=list)",
                "field(default_factory=lambda: FOUND)",
            ),
        ),
        caught_by=("tools/test_dispatcher.py::test_nothing_is_handed_from_one_dispatcher_to_another",),
    ),
    Bug(
        name="a dispatcher reaches every tool",
        file="tools/dispatcher.py",
        edits=(("{name: self.catalog[name] for name in tools}", "self.catalog"),),
        caught_by=("tools/test_dispatcher.py::test_an_agent_reaches_the_tools_that_it_names_and_no_other",),
    ),
    Bug(
        name="a defect's details reach the user",
        file="tools/dispatcher.py",
        edits=(("failed inside Netra (reference {reference}).", "failed: {error}"),),
        caught_by=("tools/test_dispatcher.py::test_it_keeps_the_details_of_a_defect_from_the_user",),
    ),
    Bug(
        name="a cancelled request's reply is given to the next who asks",
        file="agents/llm/loop.py",
        edits=(
            ("@dataclass(frozen=True", "LEFT: list[Any] = []\n\n\n@dataclass(frozen=True"),
            ("from typing import TypeVar\n", "import asyncio\nfrom typing import Any, TypeVar\n"),
            (
                "            result: AgentRunResult[Out] = await agent.run(prompt, "
                "usage_limits=LIMITS, event_stream_handler=listener)\n",
                "            asked = LEFT.pop() if LEFT else asyncio.ensure_future(\n"
                "                agent.run(prompt, usage_limits=LIMITS, event_stream_handler=listener)\n"
                "            )\n"
                "            try:\n"
                "                result = await asyncio.shield(asked)\n"
                "            except asyncio.CancelledError:\n"
                "                LEFT.append(asked)\n"
                "                raise\n",
            ),
        ),
        caught_by=(
            "llm/test_together.py::"
            "test_a_cancel_ends_a_run_whose_model_hangs_and_its_connection_serves_nobody_else[before the answer]",
        ),
    ),
    Bug(
        name="all runs share one folder of scratch",
        file="netra/services.py",
        edits=(('/ f"{claim.context.run_id}-{claim.context.attempt}"', '/ "scratch"'),),
        caught_by=("isolation/test_two_users.py::test_each_attempt_of_each_run_has_scratch_of_its_own",),
    ),
)
