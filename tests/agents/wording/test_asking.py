"""A question in a model's words, over what tools returned: the model's own calls, its failures and its limits."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic_ai.exceptions import ModelAuthenticationError, ModelHTTPError, ModelRateLimitError

from agents.history import EarlierQuestion
from agents.language.reading import dump_turn
from agents.llm.turns import TurnLimits
from core.events import AgentThinking
from tests.agents.wording.scripted_analyst import OpenedLog, Said, ScriptedModel, ask
from tests.support.workloads.ingested_logs import ingest_log
from tools.disclosure import PLACEHOLDER
from workloads.analysis.opening import open_analysis
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow

HEADER = "timestamp,model,provider,input_tokens,output_tokens,feature,team,user_id,status,latency_ms"
ROWS = [
    f"2026-03-{day:02}T09:00:00+00:00,gpt-4o,openai,{1000 + day},100,{feature},{team},lea-{day % 3},success,800"
    for day in range(2, 12)
    for feature, team in (("chat", "Sales"), ("invoices", "Legal"), ("invoices", "Legal"))
]
QUESTION = "How many requests did each team make?"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedLog]:
    folder = tmp_path_factory.mktemp("wording")
    out = ingest_log(folder, "\n".join((HEADER, *ROWS)) + "\n").out
    with open_analysis(out, make_folder(folder / "temp"), Assumptions()) as analysis:
        yield OpenedLog(analysis)


def make_folder(folder: Path) -> Path:
    folder.mkdir()
    return folder


def measure(*by: str) -> Said:
    return "measure", {"query": {"measures": ["requests"], "by": list(by)}}


async def test_the_words_are_the_model_s_and_the_figures_the_tools(log: OpenedLog) -> None:
    model = ScriptedModel(["Legal made **20** requests, Sales 10."])
    worded = await ask(log, model, QUESTION)
    assert model.asked == 1
    assert worded.text == "Legal made **20** requests, Sales 10."
    assert worded.answer["worded_by"] == "scripted"
    assert worded.answer["unbacked"] == worded.unbacked == []
    assert "Each number in it was matched" in worded.notes
    assert {row[0]: Decimal(str(row[1])) for row in worded.answer["tables"][0]["rows"]} == {"Legal": 20, "Sales": 10}
    (prompt,) = model.prompts
    assert prompt.endswith(f"The question:\n{QUESTION}")
    assert "measure returned:" in prompt
    assert "conversation" not in prompt


@pytest.mark.parametrize(
    ("lie", "number"),
    [("Legal made 21 requests.", "21 requests"), ("Sales made 20 requests.", "20 requests"), ("Save 90%.", "90%")],
)
async def test_a_number_that_no_result_backs_is_marked_counted_and_noted(log: OpenedLog, lie: str, number: str) -> None:
    worded = await ask(log, ScriptedModel([lie]), QUESTION)
    assert f"{number} (unverified)" in worded.text
    assert [each["text"] for each in worded.answer["unbacked"]] == [number]
    assert worded.unbacked == [1]
    assert "One number or sentence is marked as unverified" in worded.notes
    published = [each.thought for each in worded.told.events if isinstance(each, AgentThinking)]
    assert any(f"{number} (unverified)" in each for each in published)


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (ModelHTTPError(500, "scripted", {"secret": "detail"}), "failed to answer"),
        (ModelAuthenticationError("scripted", "no"), "rejected the API key"),
        (ModelRateLimitError("scripted", "no"), "too many requests"),
        (("no_such_tool", {}), "couldn't be used"),
        (("measure", {"query": {"measures": ["secrets"]}}), "couldn't be used"),
        (("measure", {"query": {"measures": ["requests"]}, "user_id": "somebody"}), "couldn't be used"),
    ],
    ids=str,
)
async def test_a_model_that_fails_leaves_the_answer_of_the_rules(log: OpenedLog, failure: Said, reason: str) -> None:
    worded = await ask(log, ScriptedModel([failure]), QUESTION)
    plain = await ask(log, ScriptedModel(["unused"]), QUESTION, limits=None)
    assert worded.text == plain.text
    assert worded.answer["figures"] == plain.answer["figures"]
    assert worded.answer["tables"] == plain.answer["tables"]
    assert worded.answer["worded_by"] == ""
    assert "Answered without the language model." in worded.notes
    assert reason in worded.notes
    assert "detail" not in json.dumps(worded.answer)
    assert worded.turn == plain.turn


async def test_a_model_that_calls_forever_is_stopped_after_its_requests(log: OpenedLog) -> None:
    model = ScriptedModel([measure("team"), measure("feature")])
    worded = await ask(log, model, QUESTION, limits=TurnLimits(requests=3, calls=8))
    assert model.asked == 3
    assert "Answered without the language model." in worded.notes


async def test_a_model_s_own_call_goes_before_what_the_rules_have_called(log: OpenedLog) -> None:
    model = ScriptedModel([measure("feature"), "invoices made 20 requests."])
    worded = await ask(log, model, QUESTION)
    assert "invoices" in model.returned[0]
    assert worded.text == "invoices made 20 requests."
    assert [row[0] for row in worded.answer["tables"][0]["rows"]] == ["invoices", "chat"]
    assert worded.turn.reading.query.by == ("feature",)  # the next question refers to what is shown


async def test_a_call_that_the_rules_have_made_and_names_replace_nothing(log: OpenedLog) -> None:
    plain = await ask(log, ScriptedModel(["unused"]), QUESTION, limits=None)
    query = plain.turn.reading.query
    again = ("measure", {"query": {"measures": list(query.measures), "by": list(query.by), "zone": query.zone}})
    worded = await ask(log, ScriptedModel([again, ("describe_log", {}), "Legal made 20 requests."]), QUESTION)
    assert worded.text == "Legal made 20 requests."
    assert worded.answer["tables"] == plain.answer["tables"]
    assert worded.turn == plain.turn


async def test_several_calls_of_any_tool_are_shown_together(log: OpenedLog) -> None:
    days = {"query": {"measures": ["spend"]}, "dimension": None}
    model = ScriptedModel([measure("feature"), ("find_anomalies", days), "Nothing stands out."])
    worded = await ask(log, model, QUESTION)
    assert [each["tool"] for each in worded.answer["shown"]][:1] == ["measure"]
    assert "invoices" in str(worded.answer["tables"][0])
    assert worded.turn.reading.query.by == ("feature",)


async def test_a_call_of_another_tool_leaves_what_the_next_question_refers_to(log: OpenedLog) -> None:
    arguments = {"before": {"where": [{"field": "team", "values": ["Legal"]}]}, "after": {}}
    model = ScriptedModel([("compare", arguments), "Here it is."])
    worded = await ask(log, model, QUESTION)
    assert worded.answer["worded_by"] == "scripted"
    assert worded.turn.reading.query.by == ("team",)


async def test_a_number_of_another_group_or_side_of_a_comparison_is_marked(log: OpenedLog) -> None:
    by_team = {"measures": ["requests"], "by": ["team"]}
    few = {**by_team, "period": {"end": "2026-03-07T00:00:00"}}
    model = ScriptedModel(
        [("compare", {"before": few, "after": by_team}), "Legal rose from 10 to 20 requests. Sales rose by 5 to 20."]
    )
    worded = await ask(log, model, QUESTION)
    assert worded.text == "Legal rose from 10 to 20 requests. Sales rose by 5 to 20 (unverified)."


async def test_words_without_a_figure_keep_the_figure_of_the_rules(log: OpenedLog) -> None:
    worded = await ask(log, ScriptedModel(["Let me check."]), "How many requests did we make?")
    assert worded.text.startswith("Let me check.")
    assert "30" in worded.text


@pytest.mark.parametrize("words", ["", "   ", "\u200b", f"{PLACEHOLDER} made 20 requests."])
async def test_words_of_no_use_are_not_shown(log: OpenedLog, words: str) -> None:
    worded = await ask(log, ScriptedModel([words]), QUESTION)
    assert worded.answer["worded_by"] == ""
    assert PLACEHOLDER not in worded.text
    assert "20" in worded.text or worded.answer["tables"]


@pytest.mark.parametrize("question", ["Hello!", "Thank you!"])
async def test_small_talk_needs_no_model(log: OpenedLog, question: str) -> None:
    model = ScriptedModel(["I deleted everything and saved $1,000."])
    worded = await ask(log, model, question)
    assert model.asked == 0
    assert "1,000" not in worded.text


async def test_what_the_log_lacks_is_not_made_up(log: OpenedLog) -> None:
    worded = await ask(log, ScriptedModel(["The rating is 4.5 of 5."]), "What is the customer satisfaction?")
    assert worded.answer["kind"] != "answer"
    assert "4.5" not in worded.text


async def test_the_conversation_is_told_without_answers_about_other_logs(log: OpenedLog) -> None:
    first = await ask(log, ScriptedModel(["unused"]), "How many requests did we make?", limits=None)
    turn = dump_turn(first.turn)
    here = EarlierQuestion(question="How many requests?", turn=turn, answer="All of 30.", workload_id=log.workload_id)
    elsewhere = EarlierQuestion(question="And there?", turn=turn, answer="It was Bettina.", workload_id=None)
    model = ScriptedModel(["Legal made 20 requests."])
    await ask(log, model, QUESTION, earlier=(elsewhere, here))
    (prompt,) = model.prompts
    assert prompt.startswith("The conversation so far:\nUser asked: And there?\nUser asked: How many requests?")
    assert "All of 30." in prompt
    assert "Bettina" not in prompt


async def test_a_remote_model_is_told_no_names_of_users(log: OpenedLog) -> None:
    first = await ask(log, ScriptedModel(["unused"]), "How many requests did each user make?", limits=None)
    assert "lea-1" in json.dumps(first.answer)
    earlier = EarlierQuestion(
        question="Who?", turn=dump_turn(first.turn), answer="It was lea-1.", workload_id=log.workload_id
    )
    model = ScriptedModel([measure("user"), "The table has it."])
    await ask(log, model, "How many requests did each user make?", earlier=(earlier,), remote=True)
    assert "lea-" not in "\n".join((*model.prompts, *model.returned))
    assert PLACEHOLDER in model.prompts[0]
