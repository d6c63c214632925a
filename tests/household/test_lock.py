from pathlib import Path

import pytest

from netra.core.exceptions import OperatorError
from netra.household.lock import only_server_of


def test_a_second_server_of_the_same_data_is_refused(tmp_path: Path) -> None:
    with (
        only_server_of(tmp_path),
        pytest.raises(OperatorError, match="Another Netra is serving"),
        only_server_of(tmp_path),
    ):
        raise AssertionError


def test_the_next_server_gets_the_data_that_the_last_one_left(tmp_path: Path) -> None:
    with only_server_of(tmp_path):
        pass
    with only_server_of(tmp_path):
        pass


def test_what_goes_wrong_while_serving_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(BlockingIOError), only_server_of(tmp_path):
        raise BlockingIOError
