"""As many connections are taken as the process may have files, and it asks for no more than it needs."""

import resource
import subprocess
import sys

import pytest

from netra.process import OTHER_FILES, compute_open_file_limit

WITHOUT = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "then"),
    [
        (1024, 4096, 2000),
        (1024, 1500, 1500),
        (1024, WITHOUT, 2000),
        (3000, 4096, 3000),
        (WITHOUT, WITHOUT, WITHOUT),
    ],
)
def test_the_limit_is_raised_as_far_as_it_is_needed_and_never_lowered(soft: int, hard: int, then: int) -> None:
    assert compute_open_file_limit(2000, soft=soft, hard=hard) == then


@pytest.mark.parametrize(("hard", "room"), [(1000, 1000 - OTHER_FILES), (OTHER_FILES, 1), (5000, 3000)])
def test_a_process_takes_what_its_hard_limit_has_room_for(hard: int, room: int) -> None:
    code = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (200, {hard}))
from netra.process import raise_open_file_limit
print(raise_open_file_limit(3000), resource.getrlimit(resource.RLIMIT_NOFILE))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split("\n")[0] == f"{room} ({min(hard, 3000 + OTHER_FILES)}, {hard})"
