from pathlib import Path

import pytest

from core.exceptions import OperatorError
from netra.server.listener import lock_data_dir


def test_a_second_server_of_the_same_data_is_refused(tmp_path: Path) -> None:
    with (
        lock_data_dir(tmp_path),
        pytest.raises(OperatorError, match="Another Netra process is using"),
        lock_data_dir(tmp_path),
    ):
        raise AssertionError


def test_the_next_server_gets_the_data_that_the_last_one_left(tmp_path: Path) -> None:
    with lock_data_dir(tmp_path):
        pass
    with lock_data_dir(tmp_path):
        pass


def test_what_goes_wrong_while_serving_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), lock_data_dir(tmp_path):
        raise BlockingIOError
