"""A question answered in a language model's words: what tools returned, and nothing made up that isn't marked."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.wording.asking import MAX_HISTORY
from core.events import AgentCompleted, AgentThinking, AgentWriting
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.llm.test_faults import FAULTS, every_fault
from tests.support.llm import sample_logs, whole_runs
from tests.support.llm.model_responses import Answer, Refusal, Said, Silence, ToolCall, calls, says
from tests.support.llm.whole_runs import ReceivedRun

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "How many requests did we make per model?"
BY_MODEL = {"query": {"measures": ["requests"], "by": ["model"]}}
MARK = "(unverified)"


def first_call(arguments: dict[str, Any], then: Said) -> Any:
    """A model that calls `measure` once, and then says something."""
    return lambda request: then if "measure" in request.called_tools else calls(("measure", arguments))


def words_of(told: ReceivedRun) -> str:
    assert told.answer is not None
    text: str = told.answer["text"]
    return text


async def ask(opened: Any, people: People, give_log: GiveLog, question: str = QUESTION, **options: Any) -> ReceivedRun:
    return await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner), question, **options)


async def test_an_answer_is_in_the_model_s_words_after_two_requests(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(first_call(BY_MODEL, says("**gpt-4o** made ", "40 requests, ", "gpt-4o-mini 20.")))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
        metrics = (await asyncio.to_thread(opened.metrics.render)).decode()
    assert len(server.requests) == 2
    assert words_of(told) == "**gpt-4o** made 40 requests, gpt-4o-mini 20."
    assert told.answer is not None
    assert told.answer["unbacked"] == []
    assert told.answer["worded_by"] == "scripted"
    assert told.answer["tables"]
    assert isinstance(told.last, AgentCompleted)
    assert words_of(told) in str(told.last.answer)
    assert "netra_unbacked_figures_total 0.0" in metrics


async def test_what_the_rules_have_called_needs_no_second_request(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: says("gpt-4o made 40 requests."))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
    (request,) = server.requests
    assert "40" in request.text
    assert "measure" in request.offered_tools
    assert words_of(told) == "gpt-4o made 40 requests."


LIES: dict[str, tuple[str, ...]] = {
    "in figures": ("gpt-4o made 9,999 requests.",),
    "of another row": ("gpt-4o made 20 requests.",),
    "in the unit": ("gpt-4o made 40 tokens.",),
    "in prose": ("You can save ninety percent.",),
    "in German": ("gpt-4o hat neuntausend Anfragen gemacht.",),
    "in French": ("Vous pouvez économiser 90 %.",),
    "in the middle of a stream": ("gpt-4o made ", "40 requests, ", "9,", "999", " of them", " in vain, so relax", "."),
    "in disguise": ("gpt-4o made 9**9**9&#57; requests.",),
}


async def test_what_servers_send_besides_is_no_answer(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One question each: several calls at once, a call in writing, thoughts, and two streams that end too early."""
    monkeypatch.setattr("agents.llm.streaming.EMIT_INTERVAL_SECONDS", 0)
    both = calls(("measure", BY_MODEL), ("measure", {"query": {"measures": ["requests"], "by": ["feature"]}}))
    said: list[Said] = [
        *(both, says("gpt-4o made 4", "0 requests.")),
        says('{"name": "measure", ', '"arguments": {}}'),
        says("<think>9,", "999 requests?</think>", "gpt-4o made 40 requests."),
        Answer(text=("gpt-4o made 40 requests, ", "and gpt-4o-mini made 2"), then="length"),
        Answer(text=("gpt-4o made 40 requests, ", "and gpt-4o-mini made 2"), then="error"),
    ]
    server = serve(lambda request: said.pop(0))
    async with run_services(server) as opened:
        workload = await sync_to_async(give_log)(people.owner)
        told = [await whole_runs.ask(opened, people.owner, workload, QUESTION) for _ in range(5)]
    assert said == []
    several, written, thoughtful, cut, broken = told
    assert words_of(several) == words_of(thoughtful) == "gpt-4o made 40 requests."
    assert several.answer is not None
    assert len(several.answer["tables"]) == 2
    for each in (written, broken):
        assert each.answer is not None
        assert any("Answered without the language model." in note for note in each.answer["notes"])
        assert "40" in words_of(each)
        assert "arguments" not in words_of(each)
    assert words_of(cut) == "gpt-4o made 40 requests, and …"
    assert not [
        event
        for run in told
        for event in run.events
        if isinstance(event, AgentWriting | AgentThinking) and ("made 2" in str(event) or "9,999" in str(event))
    ]


RARE = ("in figures", "in the unit", "in German", "in French")
"""The other lies are of the same kinds. That words in each language are found is what tests/agents/answers tests."""


@pytest.mark.parametrize("lie", [pytest.param(each, marks=pytest.mark.soak) if each in RARE else each for each in LIES])
async def test_no_lie_reaches_the_reader_unmarked(
    lie: str,
    people: People,
    serve: Serve,
    run_services: OpenServices,
    give_log: GiveLog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.llm.streaming.EMIT_INTERVAL_SECONDS", 0)
    server = serve(first_call(BY_MODEL, Answer(text=LIES[lie])))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
        metrics = (await asyncio.to_thread(opened.metrics.render)).decode()
    assert told.answer is not None
    (number,) = told.answer["unbacked"]
    assert words_of(told)[number["start"] :].startswith(f"{number['text']} {MARK}")
    assert any("unverified" in note for note in told.answer["notes"])
    assert "netra_unbacked_figures_total 1.0" in metrics
    assert f"{number['text']} {MARK}" in str(told.last)
    for event in told.events:
        said = event.text if isinstance(event, AgentWriting) else ""
        said = event.thought if isinstance(event, AgentThinking) and event.source == "model" else said
        assert number["text"] not in said or f"{number['text']} {MARK}" in said
    # The figures and tables are the tools', whatever the model says.
    assert sum(Decimal(str(row[1])) for row in told.answer["tables"][0]["rows"]) == 60


@pytest.mark.long
@every_fault
async def test_a_model_that_fails_is_done_without(
    fault: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    said, _ = FAULTS[fault]
    patience = 0.3 if "silence" in fault else 20
    async with run_services(serve(lambda request: said), model_patience_seconds=patience) as opened:
        told = await ask(opened, people, give_log)
    assert told.run.state == "completed"
    assert told.answer is not None
    assert told.answer["kind"] == "answer"
    assert any("without the language model" in note for note in told.answer["notes"])
    assert "without the language model" in str(told.last)
    assert sum(Decimal(str(row[1])) for row in told.answer["tables"][0]["rows"]) == 60
    assert "secret detail" not in told.text


SLOW: dict[str, Said] = {
    "silent": Silence(),
    "silent in mid-stream": Answer(text=("gpt-4o made 40 ",), then="hang"),
    "dripping": Answer(text=("gpt-4o ",) * 3_000, pause=0.02),
}


@pytest.mark.long
@pytest.mark.parametrize("slow", SLOW)
async def test_a_slow_model_is_done_without_within_seconds(
    slow: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: SLOW[slow])
    async with run_services(server, model_patience_seconds=0.3, model_attempts=3) as opened:
        told = await ask(opened, people, give_log)
    assert told.answer is not None
    assert any("didn't respond in time" in note for note in told.answer["notes"])
    assert "40" in str(told.answer["tables"])


async def test_a_model_that_asks_to_wait_is_done_without_at_once(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: Refusal(status=429, headers={"Retry-After": "30"}))
    async with run_services(server, model_patience_seconds=20, model_attempts=3) as opened:
        told = await ask(opened, people, give_log)
    assert len(server.requests) == 1
    assert told.answer is not None
    assert any("receiving too many requests" in note for note in told.answer["notes"])
    assert "40" in str(told.answer["tables"])


@pytest.mark.long
@pytest.mark.parametrize(
    "call",
    [
        ToolCall(name="measure", arguments='{"query": {"measures": ["secrets"]}}'),
        ToolCall(name="measure", arguments='{"query": {"measures": ["spend"]}, "user_id": "somebody"}'),
        ToolCall(name="measure", arguments='{"query": '),
        ToolCall(name="read_every_log", arguments="{}"),
        ToolCall(
            name="measure", arguments='{"query": {"where": [{"field": "1=1; DROP TABLE priced", "values": ["x"]}]}}'
        ),
    ],
    ids=lambda call: f"{call.name} {call.arguments[:40]}",
)
async def test_a_model_that_ignores_the_schemas_is_done_without(
    call: ToolCall, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: Answer(calls=(call,)))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
    assert len(server.requests) <= 6
    assert told.answer is not None
    assert told.answer["worded_by"] == ""
    assert any("without the language model" in note for note in told.answer["notes"])
    assert "40" in str(told.answer["tables"])


async def test_a_model_that_asks_for_another_user_s_log_gets_nothing(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    theirs = await sync_to_async(give_log)(people.neighbour)
    arguments = {"before": {}, "after": {}, "other_log": str(theirs.id)}
    server = serve(
        lambda request: says("gpt-4o made 40 requests.") if request.called_tools else calls(("compare", arguments))
    )
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
    (_, second) = server.requests
    assert "refused or failed" in second.returned_results[-1] or "not found" in second.returned_results[-1]
    assert told.answer is not None
    assert sum(Decimal(str(row[1])) for row in told.answer["tables"][0]["rows"]) == 60
    assert words_of(told) == "gpt-4o made 40 requests."


async def test_a_figure_that_a_model_puts_into_a_filter_backs_nothing(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    limits = [{"field": "tokens", "operator": "below", "values": [98765]}]
    planted = {"query": {"measures": ["requests"], "where": limits, "limit": 654}}
    server = serve(first_call(planted, says("You made 98,765 requests and saved 654 dollars.")))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
    assert told.answer is not None
    assert [each["text"] for each in told.answer["unbacked"]] == ["98,765 requests", "654 dollars"]


async def test_the_conversation_is_told_condensed_and_without_private_names(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: says("The table has it."))
    workload = await sync_to_async(give_log)(people.owner)
    async with run_services(server) as opened:
        first = await whole_runs.ask(opened, people.owner, workload, "Who are my most expensive users?")
        await whole_runs.ask(opened, people.owner, workload, "How many errors in another conversation?")
        thread = first.run.thread_id
        await whole_runs.ask(opened, people.owner, workload, "And per feature?", thread_id=thread)
    assert "private-user" in str(first.answer)  # the user sees them
    sent = server.requests[-1].text
    assert "most expensive users" in sent
    assert "another conversation" not in sent
    assert "And per feature?" in sent
    for private in sample_logs.PRIVATE:
        assert private not in "\n".join(request.text for request in server.requests)
    assert len(sent) < MAX_HISTORY + 60_000


async def test_an_answer_about_another_log_is_not_told(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: says("It took 60 requests of bettina."))
    async with run_services(server) as opened:
        first = await ask(opened, people, give_log, "How many requests did we make?")
        await ask(opened, people, give_log, "And per model?", thread_id=first.run.thread_id)
    sent = server.requests[-1].text
    assert "How many requests did we make?" in sent
    assert "bettina" in words_of(first)  # it is nobody in the second log, where it would not be withheld
    assert "bettina" not in sent


async def test_words_without_a_figure_do_not_leave_the_question_open(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: says("Sure! Let me check that for you."))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log, "How much did we spend?")
    assert told.answer is not None
    assert "$" in words_of(told)
    assert told.answer["unbacked"] == []


async def test_links_of_a_model_lead_nowhere(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: says("[40 requests](https://evil.example/x) ![](https://evil.example/y)"))
    async with run_services(server) as opened:
        told = await ask(opened, people, give_log)
    assert "](" not in words_of(told)
    assert "://" not in words_of(told)
