"""What a language model is told, and what of its words reaches a reader unmarked."""

from tests.mutation.changes import replace
from tests.mutation.mutation import Mutation

BACKING = "agents/answers/test_backing.py::"

MUTATIONS = (
    Mutation(
        name="the notice says that a kind that no tool of the run returns is sent",
        of="agents.llm.notice:build_notice",
        change=replace("{kind for tool in disclosed for kind in tool.result_kinds}", "set(DataKind)"),
        caught_by=(
            "tools/test_disclosure.py::test_the_notice_names_the_kinds_that_the_tools_of_the_run_declare",
            "tools/test_disclosure.py::test_the_notice_says_that_what_a_tool_with_rows_returns_is_not_sent",
        ),
    ),
    Mutation(
        name="a number of a model's words is backed by the figure of another row",
        of="agents.answers.backing.matching:_find_direct",
        change=replace("not (names and figure.names)", "True"),
        caught_by=(f"{BACKING}test_what_no_result_says_is_unbacked",),
    ),
    Mutation(
        name="a number is backed by a figure that it isn't rounded to",
        of="agents.answers.backing.digits:round_range",
        change=replace("step * (HALF + _SLACK)", "step * 10"),
        caught_by=(f"{BACKING}test_what_no_result_says_is_unbacked",),
    ),
    Mutation(
        name="numbers beyond those that are matched are backed",
        of="agents.answers.backing.matching:find_unbacked_numbers",
        change=replace("enumerate(quantities)", "enumerate(quantities[:MAX_QUANTITIES])"),
        caught_by=(f"{BACKING}test_more_numbers_than_are_matched_are_unbacked",),
    ),
)
