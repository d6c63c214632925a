import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.patience import PATIENCE

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent


@pytest.mark.skipif(shutil.which("node") is None, reason="only developers of the page have node")
def test_the_selectors_give_the_figures_of_the_answer() -> None:
    done = subprocess.run(
        ["node", "--test", str(HERE / "answer_selectors.test.mjs")], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout
