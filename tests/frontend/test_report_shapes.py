import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.mark.skipif(shutil.which("node") is None, reason="only developers of the page have node")
def test_figures_become_the_right_shapes() -> None:
    done = subprocess.run(
        ["node", "--test", str(HERE / "report_shapes.test.mjs")], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout
