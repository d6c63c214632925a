import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import People
from tests.tools.audit.attempts import record
from tools.audit.chain import LINK_COLUMNS
from tools.audit.models import AuditSubject

pytestmark = pytest.mark.django_db


def export_rows(file: Path, *options: str) -> list[dict[str, object]]:
    call_command("export_audit", str(file), *options, stdout=StringIO())
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.fixture
def rows(people: People) -> People:
    record(people.owner.id, at=datetime(2026, 1, 1, tzinfo=UTC))
    record(people.owner.id, tool="estimate_lever", at=datetime(2026, 2, 1, 12, tzinfo=UTC))
    record(people.neighbour.id, at=datetime(2026, 2, 1, 13, tzinfo=UTC))
    return people


def test_rows_are_exported_with_all_columns(rows: People, tmp_path: Path) -> None:
    told = export_rows(tmp_path / "audit.jsonl")
    assert len(told) == 3
    assert all(tuple(row) == LINK_COLUMNS for row in told)
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600


def test_only_the_selected_rows_are_exported(rows: People, tmp_path: Path) -> None:
    subject = AuditSubject.objects.get(owner_id=rows.owner.id).subject
    for number, (options, count) in enumerate(
        (
            (("--since", "2026-02-01"), 2),
            (("--since", "2026-02-01T13:30+01:00"), 1),
            (("--user", "owner"), 2),
            (("--user", str(rows.owner.id)), 2),
            (("--user", subject), 2),
            (("--tool", "estimate_lever"), 1),
            (("--tool", "estimate_lever", "--user", "neighbour"), 0),
        )
    ):
        assert len(export_rows(tmp_path / f"{number}.jsonl", *options)) == count, options


def test_an_impossible_export_is_refused_with_a_reason(rows: People, tmp_path: Path) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine")
    for words, refusal in (
        ((str(there),), "already exists"),
        ((str(tmp_path / "a.jsonl"), "--user", "stranger"), "No audit rows found for user 'stranger'"),
        ((str(tmp_path / "a.jsonl"), "--since", "yesterday"), "not a valid time"),
        ((str(tmp_path / "no" / "a.jsonl"),), "cannot be written"),
    ):
        with pytest.raises(CommandError, match=refusal) as refused:
            call_command("export_audit", *words)
        assert refused.value.returncode == 2
    assert there.read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["there.jsonl"]
