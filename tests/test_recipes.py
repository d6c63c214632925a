"""CONTRIBUTING's recipes, followed to the letter in a copy of the tree: one file, its line in a catalogue, and rows."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PACKAGES = ("legacy", "netra", "accounts", "operators", "realtime", "agents", "tools", "workloads", "core")
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall((ROOT / "CONTRIBUTING.md").read_text()))

RECIPES = {
    "tools/builtin/count_models.py": "tools/registry.py",
    "agents/team/census.py": "agents/framework/registry.py",
    "workloads/ingest/formats/gateways/our_gateway.py": "workloads/ingest/formats/registry.py",
    "workloads/levers/off_switch.py": "workloads/levers/registry.py",
}
"""Each new file, with its catalogue."""
ROWS = {
    "tests/matrix/tools_table.py": "TOOLS_OF_USERS: Mapping[str, Row[str]] = MappingProxyType(\n    {\n",
    "tests/workloads/ingest/formats/test_gateways.py": "GOLDEN = {\n",
    "tests/workloads/levers/test_changes.py": "    None: {\n",
    "docs/formats.md": "|---|---|---|\n",
}
"""What tests and documents need besides, with the lines below which it goes."""
CHECKS = (
    "tests/matrix/test_tools.py::test_each_tool_has_its_row",
    "tests/workloads/ingest/formats/test_registry.py::test_the_document_lists_each_format_once",
    "tests/workloads/ingest/formats/test_registry.py::test_each_format_of_a_system_has_a_golden_file",
    "tests/workloads/ingest/formats/test_registry.py::test_each_format_names_the_page_of_its_layout[our_gateway]",
    "tests/workloads/ingest/formats/test_gateways.py::test_it_reads_a_file_to_the_token_and_prices_it[Our gateway]",
    "tests/workloads/levers/test_changes.py::test_each_lever_declares_its_change",
)
"""The registries' own tests."""

LOG = "timestamp,model,input_tokens,output_tokens,feature\n" + "".join(
    f"2026-01-01T00:{minute:02}:00Z,gpt-4o,1000,10,{'demo' if minute % 2 else 'search'}\n" for minute in range(20)
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:  # with what Python has compiled of it, which the copied times of change keep valid
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "log.csv").write_text(LOG)
    return tmp_path


def add(copy: Path, file: str, catalog: str) -> None:
    """One file, and one line with its import."""
    assert not (copy / file).exists()
    (copy / file).write_text(BLOCKS[file])
    imported, entry = BLOCKS[catalog].splitlines(keepends=True)
    text = (copy / catalog).read_text()
    end = ")\n\nTOOLS" if catalog == "tools/registry.py" else "    }\n)"
    text = text.replace("\nfrom ", f"\n{imported}from ", 1).replace(end, f"{entry}{end}", 1)
    (copy / catalog).write_text(text)


def run(copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = run_python(arguments, cwd=copy, text=True, env=os.environ | {"COLUMNS": "200"}, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done


def optimize(copy: Path, file: str = "log.csv") -> tuple[dict[str, object], str]:
    done = run(copy, "manage.py", "optimize", file, "--json", "out.json")
    return json.loads((copy / "out.json").read_text()), done.stderr


USE_THE_TOOL = """
import asyncio, django
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
django.setup()
from django.conf import settings
from core.models import User
from netra.cli.log_options import temporary_installation
from tests.support.fakes import FakeRecorder, context
from tools.admission import admit_call
from tools.base import RunFacts
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.direct_import import import_file
from workloads.pricing.assumptions import Assumptions
from workloads.analysis.session import (AnalysisSession)


async def main(user, workload, folder, executor):
    mine = context(user.id)
    session = AnalysisSession(mine, workload_id=workload.id, assumptions=Assumptions(), executor=executor,
                              data_dir=folder, temp=folder / "temp")
    factory = ToolDispatcherFactory(catalog=TOOLS, admit=admit_call)
    async with session, factory.for_context(mine, agent="data", tools=("count_models",), recorder=FakeRecorder(),
                                            session=session, facts=RunFacts(ask="?")) as dispatcher:
        print("models:", (await dispatcher.dispatch("count_models", {})).value)


with temporary_installation(settings.NETRA) as environment, ThreadPoolExecutor(1) as executor:
    user = User.objects.create(username="local")
    workload = import_file(user.id, Path("log.csv"), data_dir=environment.data_dir)
    asyncio.run(main(user, workload, environment.data_dir, executor))
"""


def test_a_tool_is_one_file_and_one_line(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(copy, "tools/builtin/count_models.py", "tools/registry.py")
    (copy / "tests/support").mkdir(parents=True)
    shutil.copy(ROOT / "tests/support/fakes.py", copy / "tests/support")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "netra.settings")
    assert "models: 1" in run(copy, "-c", USE_THE_TOOL).stdout


def test_what_a_tool_returns_is_seen_in_an_answer(copy: Path) -> None:
    """Without a change elsewhere: the question has the words of its title."""
    add(copy, "tools/builtin/count_models.py", "tools/registry.py")
    run(copy, "manage.py", "ask", "log.csv", "--ask", "Count the models, please", "--json", "out.json")
    (answer,) = json.loads((copy / "out.json").read_text())["answers"]
    assert answer["kind"] == "answer"
    assert [(each["name"], each["value"]) for each in answer["figures"]] == [("Count the models", 1)]
    assert answer["shown"][0]["tool"] == "count_models"


@pytest.mark.long
def test_an_agent_and_a_lever_are_one_file_and_one_line_each(copy: Path) -> None:
    add(copy, "agents/team/census.py", "agents/framework/registry.py")
    add(copy, "workloads/levers/off_switch.py", "workloads/levers/registry.py")
    report, progress = optimize(copy)
    assert "▶ Census" in progress
    assert "100% of the tokens have a price." in progress
    lever = next(each for each in report["levers"] if each["name"] == "off_switch")  # type: ignore[attr-defined]
    # Ten requests of 1,000 tokens at $2.50 and 10 tokens at $10 per million.
    assert lever["saving"] == pytest.approx(10 * (1000 * 2.5 + 10 * 10) / 1e6)
    assert "off_switch" in [drop["lever"] for drop in report["waterfall"]]  # type: ignore[attr-defined]


@pytest.mark.long
def test_a_format_is_one_file_and_one_line(copy: Path) -> None:
    add(copy, "workloads/ingest/formats/gateways/our_gateway.py", "workloads/ingest/formats/registry.py")
    (copy / "gateway.csv").write_text(
        "id,asked_at,vendor,llm,tokens_in,tokens_out,took_ms,price,from_cache\n"
        "1,2026-01-01T00:00:00Z,openai,gpt-4o,100,10,900,0.00035,false\n"
        "2,2026-01-01T00:01:00Z,openai,gpt-4o,200,20,900,0.0007,false\n"
        "3,2026-01-01T00:02:00Z,openai,gpt-4o,200,20,9,0,true\n"
    )
    report, _ = optimize(copy, "gateway.csv")
    assert report["source"]["format"] == "our_gateway"  # type: ignore[index]
    assert report["rows"] == 2


@pytest.mark.long
def test_the_registries_own_tests_pass_with_all_recipes(copy: Path) -> None:
    assert BLOCKS.keys() == {*RECIPES, *RECIPES.values(), *ROWS}
    shutil.copytree(ROOT / "tests", copy / "tests")
    shutil.copytree(ROOT / "docs", copy / "docs")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for file, catalog in RECIPES.items():
        add(copy, file, catalog)
    for file, above in ROWS.items():
        before, found, after = (copy / file).read_text().partition(above)
        assert found
        (copy / file).write_text(f"{before}{above}{BLOCKS[file]}{after}")
    options = ("-p", "no:cacheprovider", "-p", "no:schemathesis", "-q", f"--basetemp={copy / 'temp'}")
    assert " passed" in run(copy, "-m", "pytest", *options, *CHECKS).stdout
