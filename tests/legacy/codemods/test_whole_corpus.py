"""The corpus, folder by folder: brought over, and then alike before and after, or left for the reason that is named."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.framework.agent import BaseAgent
from agents.framework.validation import validate_agent
from legacy.analysis.findings import Confidence
from legacy.analysis.scan import check_source
from legacy.bridges.agent import bridged
from legacy.codemods.migration import FileMigration, can_compile, migrate_source
from tests.legacy.analysis.expected import CORPUS, without_marks
from tests.legacy.codemods.cases import once
from tests.legacy.codemods.outcomes import BROUGHT, NO_AGENT, OTHER_FAILURES, OUTCOMES
from tests.legacy.codemods.turns import Outcome, Stage, loaded, platform, stage
from tests.support.fakes import context

pytestmark = pytest.mark.slow


def bridging(test: Any) -> Any:
    """A bridge warns of each use of the old pattern, and counts them in the database."""
    warned = pytest.mark.filterwarnings("ignore::DeprecationWarning")
    return pytest.mark.django_db(transaction=True)(warned(test))


FOLDERS = sorted(each.name for each in CORPUS.iterdir() if (each / "legacy.py").exists())
OVER = sorted(name for name, outcome in OUTCOMES.items() if outcome == BROUGHT)
UNDECIDED = ("`output` is missing or no dataclass", "`tools` names what is not in the catalogue")
"""What of the contract a person decides, and what the corpus's tools are not part of."""


def source(folder: str, twin: str = "legacy.py") -> bytes:
    return without_marks((CORPUS / folder / twin).read_text()).encode()


def change(folder: str) -> FileMigration:
    return once(source(folder))


def outcome(done: FileMigration) -> str:
    """BROUGHT, NO_AGENT, or all the reasons."""
    if done.is_changed:
        return BROUGHT
    blocking = [each.reason for each in done.issues if each.blocks]
    return "\n".join(blocking) or NO_AGENT


def test_each_folder_has_its_outcome_and_enough_are_brought_over() -> None:
    assert list(OUTCOMES) == FOLDERS
    assert len(OVER) >= 12


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_is_brought_over_or_left_for_its_reason(folder: str) -> None:
    done, wanted = change(folder), OUTCOMES[folder]
    assert done.error == ""
    if wanted in (BROUGHT, NO_AGENT):
        assert outcome(done) == wanted
        assert bool(done.agents) is (wanted == BROUGHT)
    else:
        assert wanted in outcome(done)
        assert done.after == done.before


@pytest.mark.soak
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_twin_is_nothing_to_bring_over(folder: str) -> None:
    twin = source(folder, "clean.py")
    done = once(twin)
    assert (done.after, done.agents, done.error) == (twin, (), "")
    assert not any(each.blocks for each in done.issues)


@pytest.mark.parametrize("folder", OVER)
def test_what_is_brought_over_is_its_twin_compiles_and_leaks_no_longer(folder: str) -> None:
    after = change(folder).after
    assert after == source(folder, "clean.py")
    assert can_compile(after)
    assert [each for each in check_source(folder, after.decode()) if each.confidence is Confidence.HIGH] == []
    assert migrate_source(after, {}).after == after


async def before(folder: str, at: int, modern: type[BaseAgent[Any]], on: Stage, monkeypatch: Any) -> Outcome:
    async with on.deps.dispatcher_factory.for_context(
        on.context,
        agent=modern.name,
        tools=modern.tools,
        recorder=on.deps.recorder,
        session=on.deps.session,
        facts=on.run_input.facts,
    ) as dispatcher:
        for name, module in platform(on, modern.name, dispatcher).items():
            monkeypatch.setitem(sys.modules, name, module)
        legacy = (await asyncio.to_thread(loaded, CORPUS / folder / "legacy.py"))[at]
        kind = await asyncio.to_thread(bridged, legacy, name=modern.name, title=modern.title, tools=modern.tools)
        return await on.taken(kind, f"{kind.title}: beginning.")


def brought(folder: str, beneath: Path) -> list[type[BaseAgent[Any]]]:
    """The agents that migrate_legacy makes now, whatever the twin says."""
    path = beneath / folder / "brought.py"
    path.parent.mkdir()
    path.write_bytes(change(folder).after)
    return loaded(path)


async def alike(folder: str, ask: str, fails: bool, tmp_path: Path, monkeypatch: Any) -> list[Outcome]:
    """Each agent of the file: as it was, under the bridge, and as it is now; in one context."""
    seen: list[Outcome] = []
    for at, modern in enumerate(await asyncio.to_thread(brought, folder, tmp_path)):
        mine = context()
        was = await before(folder, at, modern, stage(mine, ask, modern.tools, fails=fails), monkeypatch)
        now = stage(mine, ask, modern.tools, fails=fails)
        assert await now.taken(modern, f"{modern.title} is at work.") == was
        seen.append(was)
    return seen


@bridging
@pytest.mark.parametrize("ask", ["cut my spend", "Why so much?"])
@pytest.mark.parametrize("folder", OVER)
async def test_it_behaves_alike(folder: str, ask: str, tmp_path: Path, monkeypatch: Any) -> None:
    for each in await alike(folder, ask, False, tmp_path, monkeypatch):
        assert each.told[-1][0] == "agent_completed"
        assert each.result is not None
        assert each.asked == []  # who asks a model is left: the bridge has no llm_manager to give either


@bridging
@pytest.mark.parametrize("folder", [each for each in OVER if each not in OTHER_FAILURES])
async def test_it_fails_alike_where_a_tool_does(folder: str, tmp_path: Path, monkeypatch: Any) -> None:
    for each in await alike(folder, "cut my spend", True, tmp_path, monkeypatch):
        assert each.told[-1][0] == ("agent_error" if each.calls else "agent_completed")


@pytest.mark.parametrize("folder", OTHER_FAILURES)
def test_what_fails_otherwise_is_told(folder: str) -> None:
    looks = [each.reason for each in change(folder).issues if not each.blocks]
    assert any(OTHER_FAILURES[folder] in each for each in looks)


@pytest.mark.parametrize("folder", OVER)
def test_what_is_brought_over_is_compliant(folder: str, tmp_path: Path) -> None:
    for each in brought(folder, tmp_path):
        found = validate_agent(each)
        assert found.pattern == "modern"
        assert [error for error in found.errors if not error.startswith(UNDECIDED)] == []
