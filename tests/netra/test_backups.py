"""Backups of real installations, made while a server runs, and restored into empty ones."""

import json
import signal
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psycopg
import pytest
from django.conf import settings as django_settings

from core.exceptions import BadInput, OperatorError
from netra.backups import archive as files
from netra.backups.transfer import make_backup, restore_backup
from tests.netra import test_upgrade as old
from tests.netra.management.test_run import free_port, manage, run_server
from tests.parts import postgresql
from tests.support.running_worker import environment

pytestmark = pytest.mark.long

ENGINE = django_settings.DATABASES["default"]["ENGINE"].rpartition(".")[2].removesuffix("3")
OTHER, WHY_NOT = ("postgresql", "with postgresql") if ENGINE == "sqlite" else ("sqlite", "already has data")
"""The other kind of database, and why its backup isn't restored into the tests' own."""
KEY = {"NETRA_SECRET_KEY": "of-this-installation-" * 3}


def read_streams(data_dir: Path) -> list[tuple[str, int, int]]:
    with closing(sqlite3.connect(data_dir / "netra.sqlite3")) as database:
        return database.execute("SELECT epoch, head, floor FROM core_userstream ORDER BY owner_id").fetchall()


@pytest.mark.slow
def test_a_backup_of_a_running_server_is_a_whole_installation(tmp_path: Path) -> None:
    data, restored, file = tmp_path / "data", tmp_path / "restored", tmp_path / "backup.tar"
    data.mkdir(mode=0o700)
    with ZipFile(old.ARCHIVE) as zipped:
        zipped.extractall(data)
    port = free_port(23_000)
    with run_server(data, port, **KEY) as server:
        server.ready()
        made = manage(data, "backup", str(file), **KEY)
        assert (made.returncode, made.stderr) == (0, "")
        assert server.end(signal.SIGINT) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert KEY["NETRA_SECRET_KEY"].encode() not in file.read_bytes()
    rows, streams = old.read_rows(data), read_streams(data)

    done = manage(restored, "restore", str(file), **KEY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "secret key" not in done.stdout
    assert old.read_rows(restored) == rows
    assert {head for _, head, _ in read_streams(restored)} == {0}
    assert {epoch for epoch, _, _ in streams}.isdisjoint(epoch for epoch, _, _ in read_streams(restored))
    with run_server(restored, port, **KEY) as server:
        server.ready()
        client = old.RestClient(port)
        old.test_the_log_is_readable(client)
        old.test_the_conversation_its_run_and_its_report_are_readable(client)
        old.test_a_new_question_about_the_old_log_is_answered(client)
        old.test_an_unfinished_upload_can_be_finished(client)
        assert server.end(signal.SIGINT) == 0

    again = manage(restored, "restore", str(file), **KEY)
    assert (again.returncode, "already has data" in again.stderr) == (1, True)
    elsewhere = manage(tmp_path / "elsewhere", "restore", str(file), NETRA_SECRET_KEY="another-" * 8)
    assert (elsewhere.returncode, "The secret key differs" in elsewhere.stdout) == (0, True)


@pytest.mark.slow
def test_a_backup_of_postgresql_is_restored_into_an_empty_one(tmp_path: Path) -> None:
    if postgresql.find_programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    file = tmp_path / "backup.tar"

    def run(at: postgresql.PostgreSQL, folder: str, *arguments: str, **more: str) -> str:
        urls = {"DATABASE_URL": at.application, "DATABASE_OWNER_URL": at.owner}
        done = manage(tmp_path / folder, *arguments, **KEY, **urls, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout

    with postgresql.postgresql() as first:
        with psycopg.connect(first.owner, autocommit=True) as owner:
            owner.execute("CREATE ROLE clerk LOGIN")  # the policies of the first name another role
            owner.execute("CREATE DATABASE second OWNER owner")
        theirs = first.application.replace("application@", "clerk@").replace("/netra", "/second")
        second = replace(first, owner=first.owner.replace("/netra", "/second"), application=theirs, name="second")
        run(first, "data", "migrate", "--verbosity=0")
        person = ("--noinput", "--username=ana", "--email=ana@example.com")
        run(first, "data", "createsuperuser", *person, DJANGO_SUPERUSER_PASSWORD="of ana, and long")
        token = run(first, "data", "token", "ana", "--name=backup").split()[-1]
        run(first, "data", "backup", str(file))
        run(second, "restored", "restore", str(file))
        port = free_port(23_500)
        urls = {"DATABASE_URL": second.application, "DATABASE_OWNER_URL": second.owner}
        with run_server(tmp_path / "restored", port, **KEY, **urls) as server:
            server.ready()
            client = old.RestClient(port, token)
            assert client.get("me/")["username"] == "ana"
            assert server.end(signal.SIGINT) == 0
        assert "netra.E" not in run(second, "restored", "check", "--database=default")


def write_backup(path: Path, **changes: Any) -> Path:
    """A file that is a backup up to its description."""
    description = files.Description(
        format=files.FORMAT, made_at="2026-11-30", engine="sqlite", migrations=(), secret_key=""
    )
    content = json.dumps(asdict(replace(description, **changes))).encode()
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(files.DESCRIPTION)
        member.size = len(content)
        archive.addfile(member, BytesIO(content))
    return path


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "newer version"),
        ({"migrations": (("core", "9999_later"),)}, "newer version of Netra (it has core.9999_later)"),
        ({"engine": "oracle"}, "with oracle"),
        ({"engine": OTHER}, WHY_NOT),
        ({"migrations": (("an_app_of_theirs", "0001_initial"),)}, "already has data"),
    ],
)
def test_what_cannot_be_restored_is_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    if "engine" not in changes:
        changes["engine"] = ENGINE
    with pytest.raises((BadInput, OperatorError)) as error:
        restore_backup(environment(tmp_path / "data"), write_backup(tmp_path / "backup.tar", **changes))
    assert message in str(error.value)


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"no archive" * 200, b"{}"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "backup.tar"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="not a backup"):
        restore_backup(environment(tmp_path / "data"), file)
    with pytest.raises(BadInput, match="was not found"):
        restore_backup(environment(tmp_path / "data"), tmp_path / "none")


@pytest.mark.parametrize(
    "name", ["files/../x", "files/workloads/a/../../x", "/etc/passwd", "files", "files/secret_key", "files/x/y/z"]
)
def test_nothing_is_written_beside_users_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="not one of"):
        files.locate_member(tarfile.TarInfo(name), tmp_path)
    inside = files.locate_member(tarfile.TarInfo("files/workloads/a/b.duckdb"), tmp_path)
    assert inside == tmp_path / "workloads" / "a" / "b.duckdb"


@pytest.mark.django_db
def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    file.write_text("precious")
    with pytest.raises(BadInput, match="already exists"):
        make_backup(environment(tmp_path / "data"), file)
    assert file.read_text() == "precious"
