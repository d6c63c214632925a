import json
import stat
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db.models import Model
from knox.models import AuthToken

from accounts import export
from agents.models import Run, Step
from core.db import list_owned_models
from core.models import User
from tests.support.filled_rows import fill, fill_disk, person
from tests.support.running_worker import environment
from tests.support.workloads.uploaded_logs import LOG, begin_upload, part, upload_log
from tools.policy.models import Plan, Policy, Subscription
from workloads.models import Workload

pytestmark = pytest.mark.django_db

CANARY, OTHER = "kanarienvogel", "nachtigall"


@pytest.fixture
def here(db: None, tmp_path: Path, settings: Any) -> Path:
    settings.NETRA = environment(tmp_path / "data")
    Group.objects.get_or_create(name="the same team")
    return tmp_path


def export_archive(user: User, to: Path) -> dict[str, bytes]:
    call_command("export_user", user.username, "--to", str(to), stdout=StringIO())
    with ZipFile(to) as found:
        assert found.testzip() is None
        return {name: found.read(name) for name in found.namelist()}


def everything_of(name: str, word: str, here: Path) -> dict[type[Model], Any]:
    rows: dict[type[Model], Any] = fill(person(name), word)
    fill_disk(rows, here / "data", word)
    return rows


def test_everything_of_a_user_and_nothing_of_another(here: Path) -> None:
    rows = everything_of("quendelmoor", CANARY, here)
    everything_of("quendelmoos", OTHER, here)
    found = export_archive(rows[User], here / "all.zip")
    for model in list_owned_models():
        (row,) = json.loads(found[f"{model._meta.model_name}.json"])
        assert row["owner_id"] == str(rows[User].id)
        # Every column, as it is: a new one is exported without anybody thinking of it.
        assert set(row) == {field.attname for field in model._meta.concrete_fields}
    assert json.loads(found["message.json"])[0]["text"] == CANARY
    assert json.loads(found["step.json"])[0]["output"] == {CANARY: [CANARY, {CANARY: CANARY}]}
    assert found[f"workload/{rows[Workload].id}.duckdb"] == CANARY.encode()
    whole = b"".join((*found.values(), *(name.encode() for name in found)))
    assert OTHER.encode() not in whole
    assert b"quendelmoos" not in whole


def test_no_password_key_or_secret(here: Path) -> None:
    user = person("quendelmoor")
    user.set_password("correct horse")
    user.save()
    row, token = AuthToken.objects.create(user)
    rows = fill(user, CANARY)
    found = export_archive(user, here / "all.zip")
    whole = b"".join(found.values()).decode()
    for secret in (user.password, token, row.digest):
        assert secret not in whole
    account = json.loads(found["account.json"])[0]
    # Filled with the canary: a hash, a second factor's secret, a session's key.
    assert (account["username"], "password" in account) == ("quendelmoor", False)
    assert account["second_factors"] == [
        {"type": CANARY, "created_at": "2025-01-01T00:00:00Z", "last_used_at": "2025-01-01T00:00:00Z"}
    ]
    assert "session_key" not in whole
    assert rows


def test_files_and_reports_are_exported_unchanged(here: Path) -> None:
    user = person("quendelmoor")
    run: Any = fill(user, CANARY)[Run]
    workload, going = upload_log(user, here / "data"), begin_upload(user, here / "data")
    part(going, LOG[:20], here / "data")
    Step.objects.filter(run=run).update(agent="reporting", output={"report": {"levers": []}})
    Run.objects.filter(id=run.id).update(ending={"answer": "# Saved"})
    found = export_archive(user, here / "all.zip")
    assert found[f"workload/{workload.id}.raw"] == LOG
    assert found[f"upload/{going.id}.part"] == LOG[:20]
    assert found[f"report/{run.id}.md"] == b"# Saved"
    assert json.loads(found[f"report/{run.id}.json"]) == {"levers": []}


def test_no_report_of_another(here: Path) -> None:
    mine, theirs = (fill(person(name), word) for name, word in (("quendelmoor", CANARY), ("quendelmoos", OTHER)))
    Step.objects.update(agent="reporting", output={"report": {"levers": []}})
    user: Any = mine[User]
    found = export_archive(user, here / "all.zip")
    reports = {name for name in found if name.startswith("report/")}
    assert reports == {f"report/{mine[Run].pk}.{kind}" for kind in ("json", "md")}
    assert not [name for name in found if str(theirs[Run].pk) in name]


def test_for_its_owner_only_and_over_nothing(here: Path) -> None:
    user, to = person("quendelmoor"), here / "all.zip"
    export_archive(user, to)
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    before = to.read_bytes()
    with pytest.raises(CommandError, match="already exists") as refused:
        export_archive(user, to)
    assert refused.value.returncode == 2
    assert to.read_bytes() == before


def test_an_export_is_complete_or_absent(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "_iter_reports", broken)
    with pytest.raises(CommandError, match="No space left on device. Nothing was written"):
        export_archive(person("quendelmoor"), here / "all.zip")
    assert [each.name for each in here.iterdir() if each.is_file()] == []


def test_a_file_created_meanwhile_stays(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_: Any) -> list[Any]:
        (here / "all.zip").write_text("mine")
        return []

    monkeypatch.setattr(export, "_iter_reports", slow)
    with pytest.raises(CommandError, match="already exists"):
        export_archive(person("quendelmoor"), here / "all.zip")
    assert (here / "all.zip").read_text() == "mine"
    assert len([each for each in here.iterdir() if each.is_file()]) == 1


def test_a_missing_folder_is_reported(here: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        export_archive(person("quendelmoor"), here / "nowhere" / "all.zip")


def test_more_rows_than_are_read_at_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from core import db
    from tests.agents.claimed_runs import queue_run

    monkeypatch.setattr(db, "ROWS_PER_READ", 2)
    user = person("quendelmoor")
    asked = {str(queue_run(user).id) for _ in range(5)}
    found = export_archive(user, here / "all.zip")
    assert {row["id"] for row in json.loads(found["run.json"])} == asked
    assert len(json.loads(found["event.json"])) == 5


def test_the_account_has_the_plan_and_the_rules_that_name_its_user(here: Path) -> None:
    mine, other = person("quendelmoor"), person("quendelmoos")
    for user, slug in ((mine, "pro"), (other, "free")):
        Subscription.objects.create(user=user, plan=Plan.objects.get(slug=slug))
        Policy.objects.create(effect="deny", tool=f"of_{slug}", user=user)
    (account,) = json.loads(export_archive(mine, here / "all.zip")["account.json"])
    assert [each["plan__name"] for each in account["plans"]] == ["Pro"]
    assert [each["tool"] for each in account["rules"]] == ["of_pro"]
