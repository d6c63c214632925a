"""The main job from the terminal: exit status, what is printed where, and what is left behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from pytest_django import Settings

from agents import run_writer
from agents.models import Run, RunState
from agents.run_writer import RunItem
from core.events import is_terminal
from core.models import Event
from tests.conftest import People
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python, start_python
from tests.support.running_worker import HEADER, environment, log_file
from workloads.models import Workload

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
Optimize = Callable[..., None]
GOOD = HEADER.encode() + b"2026-01-01T00:00:00Z,gpt-4o,5,10,x\n"


@pytest.fixture
def optimize(people: People, settings: Settings, tmp_path: Path) -> Optimize:
    """The command as the owner, over the test's database."""
    settings.NETRA = environment(tmp_path / "data")

    def run(file: Path, *options: str) -> None:
        call_command("optimize", str(file), "--user", "owner", *options)

    return run


def nothing_is_left(tmp_path: Path) -> bool:
    stored = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    return not (stored or Workload.objects.exists() or Run.objects.exists())


@pytest.mark.django_db(transaction=True)
class TestAsAUser:
    @pytest.mark.long
    def test_it_compares_the_log_with_an_invoice(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (costs := tmp_path / "costs.csv").write_text("day,model,amount\n2026-01-01,gpt-4o,1.00\n")
        optimize(log_file(tmp_path, feature="search"), "--invoice", str(costs), "--json", str(tmp_path / "out.json"))
        assert "## Invoice" in capsys.readouterr().out
        found = json.loads((tmp_path / "out.json").read_text())["reconciliation"]
        assert (found["billed"], found["invoice"]) == (1.0, "costs.csv")
        assert found["residual"] == pytest.approx(found["billed"] - found["logged"])

    def test_a_file_that_is_no_invoice_is_refused_before_the_log_is_read(
        self, optimize: Optimize, tmp_path: Path
    ) -> None:
        (costs := tmp_path / "costs.csv").write_text("hello\nworld\n")
        with pytest.raises(CommandError, match="not a cost export") as refused:
            optimize(log_file(tmp_path, feature="search"), "--invoice", str(costs))
        assert refused.value.returncode == 2
        assert nothing_is_left(tmp_path)

    def test_it_writes_the_tables_and_the_focus_export(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folder, focus = tmp_path / "tables", tmp_path / "spend.csv"
        optimize(log_file(tmp_path, feature="search"), "--csv", str(folder), "--focus", str(focus))
        names = {path.name.partition("_")[2].partition("_")[2] for path in folder.iterdir()}
        assert {"spend-by-feature.csv", "spend-by-model.csv", "levers.csv", "prices.csv"} <= names
        assert focus.read_text().startswith("BilledCost,")

    def test_a_folder_or_file_that_cannot_be_made_is_refused_at_once(self, optimize: Optimize, tmp_path: Path) -> None:
        for option in ("--csv", "--focus"):
            with pytest.raises(CommandError, match=option):
                optimize(log_file(tmp_path, feature="search"), option, str(tmp_path / "no" / "where"))
        assert nothing_is_left(tmp_path)

    def test_it_prints_the_report_and_keeps_the_log(
        self, optimize: Optimize, people: People, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        optimize(
            log_file(tmp_path, feature="search"), "--ask", "cut my spend by 30 %", "--json", str(tmp_path / "o.json")
        )
        out, err = capsys.readouterr()
        assert out.startswith("# ")
        assert "usage.csv" in out
        assert "--map" not in out
        assert "--map FIELD=COLUMN" in err
        assert "▶ Triage" in err
        assert json.loads((tmp_path / "o.json").read_text())["rows"] == 20
        assert Workload.objects.for_user(people.owner.id).get().name == "usage.csv"
        assert Run.objects.for_user(people.owner.id).get().state == RunState.COMPLETED
        assert not Event.objects.for_user(people.neighbour.id).exists()

    @pytest.mark.long
    def test_a_second_log_gets_a_report_of_its_own(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for rows in (20, 30):
            optimize(log_file(tmp_path, feature="search", rows=rows), "--json", str(tmp_path / "o.json"))
            assert json.loads((tmp_path / "o.json").read_text())["rows"] == rows

    def test_a_question_about_something_else_gets_guidance_and_no_report(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        optimize(
            log_file(tmp_path, feature="x"), "--ask", "what is the capital of France?", "--json", str(tmp_path / "o")
        )
        out, _ = capsys.readouterr()
        assert "not something a usage log can tell" in out
        assert "$" not in out
        assert not (tmp_path / "o").exists()

    @pytest.mark.long
    def test_an_unknown_model_is_listed_and_no_price_made_up(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = tmp_path / "usage.csv"
        file.write_text(HEADER + "2026-01-01T00:00:00Z,<b>my-own-7b</b>\x1b[31m,1000,10,x\n" * 3)
        optimize(file)
        out, err = capsys.readouterr()
        assert "my-own-7b" in out
        assert "--price-in" not in out
        assert "--price-in" in err
        assert "<b>" not in out
        assert "\x1b" not in out
        assert "$" not in out
        optimize(file, "--price-in", "2", "--price-out", "4")
        out, _ = capsys.readouterr()
        # Three requests of 1,000 tokens at $2 and 10 at $4 per million.
        assert "$0.0061" in out or "$0.01" in out

    @pytest.mark.long
    def test_a_target_is_compared_with_the_logs_own_models(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file, out = tmp_path / "usage.csv", tmp_path / "o.json"
        file.write_text(HEADER + "2026-01-01T00:00:00Z,gpt-4o,100000,10000,x\n")
        optimize(file, "--target", "gpt-4o-mini", "--json", str(out))
        found = json.loads(out.read_text())["what_if"]
        assert (found["target"], found["now"], found["then_most"]) == ("gpt-4o-mini", 0.35, 0.021)
        assert "What if `gpt-4o-mini` answered every request?" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("content", "options", "message"),
        [
            (b"", [], "empty"),
            (bytes(range(256)) * 40, [], "usage.csv"),
            (b"a,b\n1,2\n", [], "no columns for .*token.*--map input_tokens=COLUMN"),
            (HEADER.encode() + b"2026-01-01T00:00:00Z,gpt-4o,-5,10,x\n", [], "negative|token"),
            (
                HEADER.encode() + b"2026-01-01T00:00:00Z,gpt-4o,5,10,x\n",
                ["--map", "input_tokens=prompt_tok"],
                "prompt_tok",
            ),
            (GOOD, ["--map", "nonsense"], "nonsense"),
            (GOOD, ["--format", "nonsense"], "nonsense"),
            (GOOD, ["--price-in", "x"], "not a number"),
            (GOOD, ["--price-in", "1"], "both"),
            (GOOD, ["--price", "gpt-4o"], "write it as MODEL=IN/OUT"),
            (GOOD, ["--price", "gpt-4o=2"], "write it as MODEL=IN/OUT"),
            (GOOD, ["--price", "gpt-4o=2/8/1/1/1"], "write it as MODEL=IN/OUT"),
            (GOOD, ["--price", "gpt-4o=2/eight"], "--price gpt-4o=2/eight: 'eight' is not a number"),
            (GOOD, ["--price", "gpt-4o=2/-8"], "not a valid output price of gpt-4o"),
            (GOOD, ["--price", "=2/8"], "model's name"),
            (GOOD, ["--discount", "gpt-4o=ten"], "'ten' is not a number"),
            (GOOD, ["--discount", "120"], "not a valid discount"),
            (GOOD, ["--model-name", "prod"], "write it as NAME=MODEL"),
            (GOOD, ["--model-name", "prod=gpt-4oo"], "can't mean it.*gpt-4o"),
            (GOOD, ["--target", "gpt-99"], "The target model 'gpt-99' is not in the price list"),
            (GOOD, ["--target", "x" * 300], "1 to 200 characters"),
            (GOOD, ["--json", "/nowhere/o.json"], "--json"),
        ],
    )
    def test_bad_input_is_said_plainly_and_leaves_nothing(
        self, optimize: Optimize, tmp_path: Path, content: bytes, options: list[str], message: str
    ) -> None:
        file = tmp_path / "usage.csv"
        file.write_bytes(content)
        with pytest.raises(CommandError, match=message) as caught:
            optimize(file, *options)
        assert caught.value.returncode == 2
        assert nothing_is_left(tmp_path)
        assert file.read_bytes() == content

    def test_a_missing_file_and_an_unknown_user_are_said_plainly(self, optimize: Optimize, tmp_path: Path) -> None:
        with pytest.raises(CommandError) as caught:
            optimize(tmp_path / "nothing.csv")
        assert caught.value.returncode == 2
        with pytest.raises(CommandError, match="No active user 'nobody' found"):
            call_command("optimize", str(log_file(tmp_path, feature="x")), "--user", "nobody")

    def test_a_file_whose_name_is_no_text_is_said_plainly(self, optimize: Optimize, tmp_path: Path) -> None:
        file = tmp_path / os.fsdecode(b"b\xffd.csv")
        file.write_bytes(GOOD)
        with pytest.raises(CommandError, match="Rename the file") as caught:
            optimize(file)
        assert caught.value.returncode == 2

    def test_a_question_that_is_no_text_is_said_plainly(self, optimize: Optimize, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="valid text") as caught:
            optimize(log_file(tmp_path, feature="x"), "--ask", os.fsdecode(b"why\xff?"))
        assert caught.value.returncode == 2

    @pytest.mark.long
    @pytest.mark.parametrize("at_end", [pytest.param(False, marks=pytest.mark.soak), True])
    def test_a_database_that_takes_nothing_more_ends_it_at_once(
        self, optimize: Optimize, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_end: bool
    ) -> None:
        write = run_writer.write_fenced

        def full(items: Sequence[RunItem], **options: Any) -> Any:
            is_end = any(is_terminal(event) for item in items for event in item.events)
            if is_end or not at_end:
                raise OperationalError("database or disk is full")
            return write(items, **options)

        monkeypatch.setattr(run_writer, "write_fenced", full)
        with pytest.raises(CommandError, match="disk is full") as caught:
            optimize(log_file(tmp_path, feature="x"))
        assert caught.value.returncode == 1

    def test_a_report_that_cannot_be_saved_is_still_printed(
        self, optimize: Optimize, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(CommandError, match="could not be written") as caught:
            optimize(log_file(tmp_path, feature="x"), "--json", "/dev/full")
        assert caught.value.returncode == 1
        assert capsys.readouterr().out.startswith("# ")


def command(*arguments: str) -> list[str]:
    return [str(ROOT / "manage.py"), "optimize", *arguments]


@pytest.mark.long
def test_without_a_user_it_needs_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    file = log_file(tmp_path / "logs", feature="search")
    (tmp_path / "tmp").mkdir()
    done = run_python(
        command(str(file)),
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp"), "NETRA_DATA_DIR": str(tmp_path / "never made")},
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# ")
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "never made").exists()


@pytest.mark.long
@pytest.mark.parametrize("after", ["▶ Supervisor", pytest.param(None, marks=pytest.mark.soak)])
def test_an_interrupt_ends_it_cleanly(tmp_path: Path, after: str | None) -> None:
    """Ctrl-C in mid-run asks for the run's end; before it, while the log is read, it stops the reading."""
    file = log_file(tmp_path / "logs", feature="search", rows=60)
    with file.open("a") as more:
        for _ in range(40):
            more.write("".join(f"2026-01-02T00:00:00Z,gpt-4o,{n},10,x\n" for n in range(10_000)))
    (tmp_path / "tmp").mkdir()
    process = start_python(
        # What the question excludes is not in the figures that are kept with the log: these take a while.
        command(str(file), "--ask", "Cut my spend by 30%, but leave search as it is"),
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    if after is None:
        deadline = time.monotonic() + PATIENCE
        while not list((tmp_path / "tmp").rglob("*.duckdb*")) and time.monotonic() < deadline:
            time.sleep(0.02)
    else:
        while after not in (line := process.stderr.readline()):
            assert line, "the run never began"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert "at your request" in err
    assert "Traceback" not in err
    assert out == ""
    assert list((tmp_path / "tmp").iterdir()) == []
