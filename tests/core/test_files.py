"""Private files are written whole or not at all; entries are measured and removed while others write."""

import errno
import os
import stat
from pathlib import Path

import pytest

from core.exceptions import BadInput, StorageFull
from core.files import (
    convert_disk_full,
    draft_export,
    draft_file,
    find_entries,
    find_entry,
    free_bytes,
    list_folder,
    private_dir,
    remove_path,
)
from core.i18n.text import text


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_half(draft: Path, error: Exception) -> None:
    draft.write_text("half")
    raise error


@pytest.mark.parametrize("replace", [True, False])
def test_a_file_is_renamed_once_it_is_complete(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "file"
    with draft_file(path, replace=replace) as draft:
        draft.write_text("whole")
        assert mode(draft) == 0o600
        assert not path.exists()
    assert (path.read_text(), mode(path)) == ("whole", 0o600)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("replace", [True, False])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, replace: bool) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(ZeroDivisionError), draft_file(path, replace=replace) as draft:
        write_half(draft, ZeroDivisionError())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_replaced_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(FileExistsError), draft_file(path, replace=False) as draft:
        draft.write_text("after")
    assert path.read_text() == "before"
    with draft_file(path, replace=True) as draft:
        draft.write_text("after")
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_is_synced_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sync: bool) -> None:
    path, found = tmp_path / "file", []
    monkeypatch.setattr(os, "fsync", lambda file: found.append((os.fstat(file).st_size, path.exists())))
    with draft_file(path, replace=True, sync=sync) as draft:
        draft.write_text("whole")
    assert found == ([(5, False)] if sync else [])


def test_an_export_never_overwrites_a_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(BadInput, match="already exists"), draft_export(path):
        path.write_text("another's")
    with pytest.raises(BadInput, match="already exists"), draft_export(path):
        pytest.fail("it is refused before anything is written")
    assert path.read_text() == "another's"
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_to_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written"), draft_export(tmp_path / "none" / "file"):
        pytest.fail("it is refused before anything is written")


def test_a_failed_export_is_removed_with_a_reason(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left"), draft_export(tmp_path / "file") as draft:
        write_half(draft, OSError(28, "No space left on device"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_reported_with_the_callers_error(code: int) -> None:
    with pytest.raises(StorageFull, match="the part was not kept"), convert_disk_full(text("the part was not kept")):
        raise OSError(code, "no room")


def test_other_disk_errors_are_not_changed() -> None:
    with pytest.raises(PermissionError), convert_disk_full(text("the part was not kept")):
        raise PermissionError(errno.EACCES, "not yours")


def test_a_private_folder_has_private_parents_and_is_not_a_file(tmp_path: Path) -> None:
    folder = private_dir(tmp_path / "data" / "below")
    assert (mode(folder), mode(folder.parent)) == (0o700, 0o700)
    assert private_dir(folder) == folder
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        private_dir(tmp_path / "file")


def test_an_entry_has_the_size_of_all_its_content(tmp_path: Path) -> None:
    (tmp_path / "folder" / "inner").mkdir(parents=True)
    (tmp_path / "folder" / "one").write_bytes(b"x" * 600)
    (tmp_path / "folder" / "inner" / "two").write_bytes(b"x" * 400)
    entry, file = find_entries([tmp_path / "folder", tmp_path / "missing", tmp_path / "folder" / "one"])
    assert (entry.size, file.size) == (1_000, 600)
    assert entry.modified_at >= file.modified_at
    assert list_folder(tmp_path / "folder") == [tmp_path / "folder" / "inner", tmp_path / "folder" / "one"]
    assert list_folder(tmp_path / "missing") == list_folder(file.path) == []
    assert free_bytes(tmp_path / "not" / "yet" / "made") > 0


def test_what_is_removed_is_gone_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    for name in ("link", "missing"):
        remove_path(tmp_path / name)
    assert list_folder(tmp_path) == [tmp_path / "kept"]
    entry = find_entry(tmp_path / "kept")
    assert entry is not None
    entry.remove()
    assert list_folder(tmp_path) == []


def test_a_folder_that_others_write_to_is_removed_in_the_end_or_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [errno.ENOTEMPTY, errno.ENOENT]

    def fail(path: Path) -> None:
        if failures:
            raise OSError(failures.pop(), "changed meanwhile")
        path.rmdir()

    monkeypatch.setattr("shutil.rmtree", fail)
    (tmp_path / "folder").mkdir()
    remove_path(tmp_path / "folder")
    assert list_folder(tmp_path) == []
    (tmp_path / "folder").mkdir()
    failures.append(errno.EACCES)
    with pytest.raises(OSError, match="changed meanwhile"):
        remove_path(tmp_path / "folder")
