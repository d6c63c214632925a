"""Each folder of the corpus is migrated and then behaves the same, or is unchanged for the expected reason."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.framework.agent import BaseAgent
from agents.framework.validation import validate_agent
from legacy.analysis.findings import Confidence
from legacy.analysis.scan import check_source
from legacy.bridges.agent import bridge_agent
from legacy.codemods.migration import FileMigration, can_compile, migrate_source
from tests.legacy.analysis.expected import CORPUS, remove_marks
from tests.legacy.codemods.cases import migrate_once
from tests.legacy.codemods.outcomes import MIGRATED, NO_AGENT, OTHER_FAILURES, OUTCOMES
from tests.legacy.codemods.turns import Stage, TurnResult, build_platform, build_stage, load_agents
from tests.support.fakes import context

pytestmark = [pytest.mark.slow, pytest.mark.long]


def uses_bridge(test: Any) -> Any:
    """Allow a bridge's warnings and its counts in the database."""
    filtered = pytest.mark.filterwarnings("ignore::DeprecationWarning")
    return pytest.mark.django_db(transaction=True)(filtered(test))


FOLDERS = sorted(each.name for each in CORPUS.iterdir() if (each / "legacy.py").exists())
MIGRATED_FOLDERS = sorted(name for name, outcome in OUTCOMES.items() if outcome == MIGRATED)
UNDECIDED = ("`output` is missing or is not a dataclass", "`tools` names unknown tools")
"""Errors that a person resolves, or that are due to the corpus's own tools."""


def source(folder: str, file: str = "legacy.py") -> bytes:
    return remove_marks((CORPUS / folder / file).read_text()).encode()


def migrate_folder(folder: str) -> FileMigration:
    return migrate_once(source(folder))


def describe_outcome(done: FileMigration) -> str:
    """MIGRATED, NO_AGENT, or all the reasons."""
    if done.is_changed:
        return MIGRATED
    blocking = [each.reason for each in done.issues if each.blocks]
    return "\n".join(blocking) or NO_AGENT


def test_each_folder_has_an_outcome_and_enough_are_migrated() -> None:
    assert list(OUTCOMES) == FOLDERS
    assert len(MIGRATED_FOLDERS) >= 12


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_migrated_or_unchanged_for_the_expected_reason(folder: str) -> None:
    done, wanted = migrate_folder(folder), OUTCOMES[folder]
    assert done.error == ""
    if wanted in (MIGRATED, NO_AGENT):
        assert describe_outcome(done) == wanted
        assert bool(done.agents) is (wanted == MIGRATED)
    else:
        assert wanted in describe_outcome(done)
        assert done.after == done.before


@pytest.mark.soak
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_clean_counterpart_is_unchanged(folder: str) -> None:
    clean = source(folder, "clean.py")
    done = migrate_once(clean)
    assert (done.after, done.agents, done.error) == (clean, (), "")
    assert not any(each.blocks for each in done.issues)


@pytest.mark.parametrize("folder", MIGRATED_FOLDERS)
def test_a_migrated_file_equals_its_clean_counterpart_and_does_not_leak(folder: str) -> None:
    after = migrate_folder(folder).after
    assert after == source(folder, "clean.py")
    assert can_compile(after)
    assert [each for each in check_source(folder, after.decode()) if each.confidence is Confidence.HIGH] == []
    assert migrate_source(after, {}).after == after


async def run_before(folder: str, index: int, modern: type[BaseAgent[Any]], on: Stage, monkeypatch: Any) -> TurnResult:
    async with on.deps.dispatcher_factory.for_context(
        on.context,
        agent=modern.name,
        tools=modern.tools,
        recorder=on.deps.recorder,
        session=on.deps.session,
        facts=on.run_input.facts,
    ) as dispatcher:
        for name, module in build_platform(on, modern.name, dispatcher).items():
            monkeypatch.setitem(sys.modules, name, module)
        legacy = (await asyncio.to_thread(load_agents, CORPUS / folder / "legacy.py"))[index]
        kind = await asyncio.to_thread(bridge_agent, legacy, name=modern.name, title=modern.title, tools=modern.tools)
        return await on.run(kind, f"{kind.title} is starting.")


def load_migrated(folder: str, parent: Path) -> list[type[BaseAgent[Any]]]:
    """Return the agents that migrate_legacy creates now, whatever the clean counterpart contains."""
    path = parent / folder / "migrated.py"
    path.parent.mkdir()
    path.write_bytes(migrate_folder(folder).after)
    return load_agents(path)


async def compare_turns(folder: str, ask: str, fails: bool, tmp_path: Path, monkeypatch: Any) -> list[TurnResult]:
    """Run each agent of the file in one context, bridged and migrated, and return the equal results."""
    results: list[TurnResult] = []
    for index, modern in enumerate(await asyncio.to_thread(load_migrated, folder, tmp_path)):
        user_context = context()
        stage = build_stage(user_context, ask, modern.tools, fails=fails)
        legacy_result = await run_before(folder, index, modern, stage, monkeypatch)
        stage = build_stage(user_context, ask, modern.tools, fails=fails)
        assert await stage.run(modern, f"{modern.title} is starting.") == legacy_result
        results.append(legacy_result)
    return results


@uses_bridge
@pytest.mark.parametrize("ask", ["cut my spend", pytest.param("Why so much?", marks=pytest.mark.soak)])
@pytest.mark.parametrize("folder", MIGRATED_FOLDERS)
async def test_a_migrated_agent_behaves_the_same(folder: str, ask: str, tmp_path: Path, monkeypatch: Any) -> None:
    for each in await compare_turns(folder, ask, False, tmp_path, monkeypatch):
        assert each.events[-1][0] == "agent_completed"
        assert each.result is not None
        assert each.prompts == []  # agents that use a model are never migrated: the bridge has no llm_manager


@uses_bridge
@pytest.mark.parametrize("folder", [each for each in MIGRATED_FOLDERS if each not in OTHER_FAILURES])
async def test_a_migrated_agent_fails_the_same_when_a_tool_fails(folder: str, tmp_path: Path, monkeypatch: Any) -> None:
    for each in await compare_turns(folder, "cut my spend", True, tmp_path, monkeypatch):
        assert each.events[-1][0] == ("agent_error" if each.calls else "agent_completed")


@pytest.mark.parametrize("folder", OTHER_FAILURES)
def test_a_different_failure_is_listed_for_review(folder: str) -> None:
    reviews = [each.reason for each in migrate_folder(folder).issues if not each.blocks]
    assert any(OTHER_FAILURES[folder] in each for each in reviews)


@pytest.mark.parametrize("folder", MIGRATED_FOLDERS)
def test_a_migrated_agent_is_compliant(folder: str, tmp_path: Path) -> None:
    for each in load_migrated(folder, tmp_path):
        found = validate_agent(each)
        assert found.pattern == "modern"
        assert [error for error in found.errors if not error.startswith(UNDECIDED)] == []
