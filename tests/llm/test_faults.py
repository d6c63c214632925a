"""A language model's server that fails: the report is made without it, and says why in words that say who must act."""

import pytest
from asgiref.sync import sync_to_async

from core.events import AgentCompleted, AgentThinking, ToolCompleted
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import Answer, Refusal, Said, Script, Silence, ToolCall, calls
from tests.support.llm.scripted_models import agent_of
from tests.support.llm.whole_runs import ReceivedRun
from workloads.levers.registry import LEVERS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

FAULTS: dict[str, tuple[Said, str]] = {
    "server error": (Refusal(status=500), "failed to answer. Try again later."),
    "rate limit": (Refusal(status=429, headers={"Retry-After": "1"}), "is receiving too many requests"),
    "quota": (Refusal(status=429, code="insufficient_quota"), "Ask your administrator to raise it"),
    "wrong key": (Refusal(status=401), "Ask your administrator to check NETRA_MODEL_API_KEY"),
    "unknown model": (Refusal(status=404), "Ask your administrator to check NETRA_MODEL and"),
    "too long": (Refusal(status=400, code="context_length_exceeded"), "choose a model with a larger context window"),
    "bad request": (Refusal(status=400), "rejected the request. Ask your administrator to check Netra's log"),
    "silence": (Silence(), "didn't respond in time"),
    "silence in mid-stream": (Answer(text=("Well, ",), then="hang"), "didn't respond in time"),
    "dropped": (Answer(text=("Well, ",), then="drop"), "is unavailable"),
    "garbled": (Answer(text=("Well, ",), then="garble"), "failed to answer. Try again later."),
    "empty": (Answer(), "answer couldn't be used"),
    "in circles": (calls(("inspect_workload", {})), "answer couldn't be used"),
    "unknown tool": (calls(("delete_everything", {})), "answer couldn't be used"),
}
OFTEN = ("server error", "wrong key", "silence", "garbled", "in circles")
"""Tried by `make test`, one of each kind; the others by `make soak`."""
every_fault = pytest.mark.parametrize(
    "fault", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.soak) for each in FAULTS]
)
MALFORMED = Answer(calls=(ToolCall(name="inspect_workload", arguments='{"rows": '),))


def patience(fault: str) -> float:
    """Seconds: little where silence is the fault, much where a slow machine must not make one."""
    return 0.5 if "silence" in fault else 20


def find_losses(told: ReceivedRun) -> list[AgentThinking]:
    """What the user was told of a model that failed, by each agent that said so."""
    thoughts = [each for each in told.events if isinstance(each, AgentThinking)]
    return [each for each in thoughts if each.thought.startswith("Continued without the language model.")]


def assert_whole(told: ReceivedRun) -> None:
    assert isinstance(told.last, AgentCompleted)
    assert (told.run.state, told.run.degraded, told.last.missing) == ("completed", False, ())
    assert told.report is not None
    assert (told.report["missing"], len(told.report["levers"])) == ([], len(LEVERS))
    assert told.report["plan"]


@every_fault
async def test_a_report_is_made_without_a_model_that_fails(
    fault: str,
    people: People,
    serve: Serve,
    run_services: OpenServices,
    give_log: GiveLog,
    caplog: pytest.LogCaptureFixture,
) -> None:
    said, words = FAULTS[fault]
    server = serve(scripted_models.at("triage", said))
    async with run_services(server, model_timeout_seconds=patience(fault)) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert_whole(told)
    (loss,) = find_losses(told)
    assert (loss.agent, words in loss.thought) == ("triage", True)
    assert {agent_of(request) for request in server.requests} == {"triage"}  # it was not asked again
    # What the server said in detail is for whoever reads the log, not for the user.
    assert "secret detail" not in told.text
    assert ("secret detail" in caplog.text) is isinstance(said, Refusal)


@pytest.mark.parametrize(
    "fault",
    [
        "server error",
        *(pytest.param(each, marks=pytest.mark.soak) for each in ("wrong key", "silence in mid-stream", "empty")),
    ],
)
async def test_a_model_that_fails_late_leaves_the_report_whole(
    fault: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    said, words = FAULTS[fault]
    async with run_services(
        serve(scripted_models.at("actions", said)), model_timeout_seconds=patience(fault)
    ) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert_whole(told)
    (loss,) = find_losses(told)
    assert (loss.agent, words in loss.thought) == ("actions", True)
    assert told.models_words


async def test_arguments_that_stay_malformed_fail_and_are_never_run(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: MALFORMED)
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert_whole(told)
    (loss,) = find_losses(told)
    assert "answer couldn't be used" in loss.thought
    assert all(event.outcome == "ok" for event in told.events if isinstance(event, ToolCompleted))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "slip",
    [
        pytest.param(MALFORMED, id="args"),
        pytest.param(calls(("delete_everything", {})), id="tool", marks=pytest.mark.soak),
        pytest.param(Answer(), id="empty", marks=pytest.mark.soak),
    ],
)
async def test_a_slip_of_the_model_is_told_to_it_and_mended(
    slip: Answer, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    async with run_services(serve(scripted_models.once(slip))) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert isinstance(told.last, AgentCompleted)
    assert told.last.outcome == "completed"


async def test_after_a_rate_limit_it_waits_as_long_as_the_server_asks(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def wait(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("agents.llm.retries.sleep", wait)
    server = serve(scripted_models.once(Refusal(status=429, headers={"Retry-After": "2"})))
    async with run_services(server, model_attempts=2) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert isinstance(told.last, AgentCompleted)
    assert told.last.outcome == "completed"
    assert [seconds for seconds in waited if seconds > 1] == [2]


@pytest.mark.parametrize("header", [{"Retry-After": "30"}, {"Retry-After-Ms": "30000"}])
async def test_a_request_that_a_server_puts_off_for_too_long_fails_with_its_reason(
    header: dict[str, str], people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: Refusal(status=429, headers=header))
    async with run_services(server, model_timeout_seconds=10, model_attempts=3) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert len(server.requests) == 1
    (loss,) = find_losses(told)
    assert "is receiving too many requests" in loss.thought


@pytest.mark.parametrize("attempts", [pytest.param(1, marks=pytest.mark.soak), 3])
async def test_a_request_is_made_as_often_as_was_set(
    attempts: int, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(lambda request: Refusal(status=500, headers={"Retry-After-Ms": "1"}))
    async with run_services(server, model_attempts=attempts) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    assert len(find_losses(told)) == 1
    assert len(server.requests) == attempts


SLOW: dict[str, Script] = {
    "never answers": lambda request: Silence(),
    "stops in mid-stream": lambda request: Answer(text=("Well, ",), then="hang"),
}


@pytest.mark.parametrize(
    "slow", [each if each == "never answers" else pytest.param(each, marks=pytest.mark.soak) for each in SLOW]
)
async def test_the_time_limit_holds_for_all_attempts_together(
    slow: str, people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(SLOW[slow])
    async with run_services(server, model_timeout_seconds=0.5, model_attempts=3) as opened:
        workload = await sync_to_async(give_log)(people.owner)
        told = await whole_runs.ask(opened, people.owner, workload)
    assert len(server.requests) <= 1  # the first attempt has used it up, if it came so far
    (loss,) = find_losses(told)
    assert "didn't respond in time" in loss.thought
