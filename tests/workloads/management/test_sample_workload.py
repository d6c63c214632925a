import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def test_it_writes_the_sample_and_what_was_planted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, planted = tmp_path / "sample.jsonl", tmp_path / "planted.json"
    call_command("sample_workload", str(out), "--requests", "1000", "--days", "3", "--planted", str(planted))
    rows = out.read_text().splitlines()
    written = json.loads(planted.read_text())
    assert written["requests"] == len(rows)
    assert f"{len(rows):,} synthetic requests" in capsys.readouterr().out
    assert all(json.loads(row)["synthetic"] is True for row in rows)


def test_it_ends_with_status_2_on_bad_input(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="at least") as caught:
        call_command("sample_workload", str(tmp_path / "sample.jsonl"), "--requests", "5")
    assert caught.value.returncode == 2
