import stat
from pathlib import Path

import pytest

from core.exceptions import OperatorError
from core.files import create_private_file
from netra.server.listener import prepare_data_dir


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_is_made_for_its_owner_only(tmp_path: Path) -> None:
    assert mode(prepare_data_dir(tmp_path / "data" / "below")) == 0o700


def test_a_folder_that_others_may_look_into_is_closed(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    assert mode(prepare_data_dir(tmp_path / "data")) == 0o700


@pytest.mark.parametrize("where", ["file", "file/below"])
def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OperatorError, match="cannot be used") as said:
        prepare_data_dir(tmp_path / where)
    assert "\n" not in str(said.value)


def test_a_file_is_written_once_and_for_its_owner_only(tmp_path: Path) -> None:
    assert create_private_file(tmp_path / "key", "first") is True
    assert create_private_file(tmp_path / "key", "second") is False
    assert (tmp_path / "key").read_text() == "first"
    assert mode(tmp_path / "key") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
