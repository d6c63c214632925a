"""The data that a language model gets, and the words of it that reach a reader unmarked."""

from tests.mutation.changes import replace, return_only
from tests.mutation.mutation import Mutation

BACKING = "agents/answers/test_backing.py::"

MUTATIONS = (
    Mutation(
        name="the notice says that a kind that no tool of the run returns is sent",
        of="agents.llm.config:build_notice",
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
        of="agents.answers.backing.quantity:round_range",
        change=replace("step * (HALF + _SLACK)", "step * 10"),
        caught_by=(f"{BACKING}test_what_no_result_says_is_unbacked",),
    ),
    Mutation(
        name="a percentage of a model's words is backed by the digits of a figure without a unit",
        of="agents.answers.backing.matching:_has_sort",
        change=return_only("True"),
        caught_by=(f"{BACKING}test_a_figure_without_a_unit_backs_no_percentage_with_its_digits",),
    ),
    Mutation(
        name="a number that a model makes up has no mark behind it",
        of="agents.wording.model_answer:mark_unbacked",
        change=replace("[before, number.text, behind]", "[before, number.text]"),
        caught_by=("agents/wording/test_model_words.py::test_a_mark_stands_behind_each_unbacked_number",),
    ),
    Mutation(
        name="a number is shown while it is still being written",
        of="agents.llm.partial_texts:cut_unfinished",
        change=return_only("text"),
        caught_by=("agents/wording/test_model_words.py::test_a_number_is_shown_once_its_unit_is_written",),
    ),
    Mutation(
        name="a model's words are published while they are written without marks",
        of="agents.wording.model_answer:StreamMarker._revise",
        change=replace("marked.text", "words"),
        caught_by=("agents/wording/test_stream_marking.py::test_a_text_is_marked_while_it_is_written",),
    ),
    Mutation(
        name="what a call asked for backs a number of a model's words",
        of="agents.answers.backing.known_figures:_collect_record",
        change=replace("key in _ECHOED", "False"),
        caught_by=(f"{BACKING}test_what_a_call_asked_for_backs_nothing",),
    ),
    Mutation(
        name="a model is told the conversation with names of the log's users",
        of="tools.dispatcher:CallDispatcher.disclose_text",
        change=return_only("words"),
        caught_by=("agents/wording/test_stream_marking.py::test_a_text_of_ours_is_disclosed_without_private_names",),
    ),
    Mutation(
        name="a model is told answers about other logs, whose private names are not known",
        of="agents.wording.asking:_is_about",
        change=replace("earlier.workload_id == workload_id", "True"),
        caught_by=("agents/wording/test_asking.py::test_the_conversation_is_told_without_answers_about_other_logs",),
    ),
    Mutation(
        name="words about names that a model does not know are shown",
        of="agents.wording.model_answer:word_answer",
        change=replace("PLACEHOLDER in words", "False"),
        caught_by=("agents/wording/test_asking.py::test_words_of_no_use_are_not_shown",),
    ),
    Mutation(
        name="a silent model is waited for",
        of="agents.llm.turns:Patience._wait",
        change=replace("self._waiting_since + min(limits)", "None"),
        caught_by=("agents/llm/test_patience.py::test_the_limits_are_set_while_it_waits",),
    ),
    Mutation(
        name="numbers beyond those that are matched are backed",
        of="agents.answers.backing.matching:find_unbacked_numbers",
        change=replace("enumerate(quantities)", "enumerate(quantities[:MAX_QUANTITIES])"),
        caught_by=(f"{BACKING}test_more_numbers_than_are_matched_are_unbacked",),
    ),
)
