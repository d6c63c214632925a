"""A tool's title, its answer and why it failed are told in the language of the run's user."""

from pathlib import Path

import pytest

from core.events import ToolCompleted, ToolExecuting
from core.i18n import language
from core.i18n.language import Language
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import RunFacts
from tools.errors import ToolFailed
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory
from workloads.levers.registry import LEVERS

GERMAN = r"""
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\n"

msgid "List levers"
msgstr "Die Hebel nennen"

msgid "Move non-urgent requests to batch"
msgstr "Was warten kann, als Stapel schicken"

msgid "Unknown levers: {names}. Available levers: {available}."
msgstr "{names} gibt es nicht, nur {available}."
"""


@pytest.fixture(autouse=True)
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "de.po"
    path.write_text(GERMAN, encoding="utf-8")
    spoken = Language("de", path)
    assert (
        spoken.translate(LEVERS["batch"].title) == "Was warten kann, als Stapel schicken"
    )  # read before the loop runs
    monkeypatch.setattr(language, "LANGUAGES", {"de": spoken})


def build_dispatcher(recorder: FakeRecorder, tool: str) -> ToolDispatcher:
    factory = ToolDispatcherFactory(catalog=TOOLS, admit=anything)
    return factory.for_context(
        context(locale="de"), agent="data", tools=(tool,), recorder=recorder, session=no_log(), facts=RunFacts(ask="?")
    )


async def test_titles_are_translated() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder, "list_levers") as dispatcher:
        found = await dispatcher.dispatch("list_levers", {})
    executing, completed = recorder.events
    assert isinstance(executing, ToolExecuting)
    assert executing.title == "Die Hebel nennen"
    assert isinstance(completed, ToolCompleted)
    assert isinstance(completed.result, dict)
    assert completed.result["batch"] == "Was warten kann, als Stapel schicken"
    assert found.value["batch"] == "Move non-urgent requests to batch"


async def test_refused_names_are_translated() -> None:
    recorder = FakeRecorder()
    async with build_dispatcher(recorder, "estimate_lever") as dispatcher:
        with pytest.raises(ToolFailed):
            await dispatcher.dispatch("estimate_lever", {"name": "magic"})
    completed = recorder.events[-1]
    assert isinstance(completed, ToolCompleted)
    assert (completed.error or "").startswith("'magic' gibt es nicht, nur retries, ")
