"""PostgreSQL is restarted while jobs run: every job ends, by itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import MISSING
from tests.parts import postgresql
from tests.support.live_server import ROOT, bare
from tests.support.patience import PATIENCE


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [0.5, 5.0])
def test_jobs_end_although_the_database_was_restarted(tmp_path: Path, seconds: float) -> None:
    if postgresql.find_programs() is None:
        pytest.skip(MISSING)
    with postgresql.postgresql() as database:
        environment = bare(
            DJANGO_SETTINGS_MODULE="netra.settings",
            NETRA_DATA_DIR=str(tmp_path),
            DATABASE_URL=database.application,
            DATABASE_OWNER_URL=database.owner,
        )
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        program = [sys.executable, "-m", "tests.faults.restarted_database"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(program, cwd=ROOT, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
            try:
                assert process.stdout.readline() == "begun\n"
                process.stdin.write("down\n")
                process.stdin.flush()
                database.restart(seconds)
                # Whoever waits for a connection when it goes down waits for half a minute.
                told, _ = process.communicate("there\n", timeout=4 * PATIENCE)
            finally:
                process.kill()
    assert json.loads(told.splitlines()[-1]) == {"done": ["after", "during", "long"], "alive": True}
