"""The published client as another team has it: fetched from a server, used as docs/client.md says, on a real stream."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from urllib.request import urlopen

import pytest

from agents.models import Run
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.stream_client import token_of

pytestmark = pytest.mark.django_db(transaction=True)
DOCUMENT = Path(__file__).parents[2] / "docs/client.md"
ADDRESS = "/static/netra/netra-client.js"
OLDER_NODE = Path(__file__).with_name("websocket.cjs")  # has no WebSocket of its own


def program(text: str) -> tuple[str, str]:
    """The name and the text of the program in the document."""
    found = re.search(r"```js (\S+)\n(.*?)```", text, re.DOTALL)
    assert found is not None
    return found[1], found[2]


def test_the_program_in_the_document_works(people: People, server: LiveServer, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed: only users of the client have it")
    with urlopen(server.origin + ADDRESS, timeout=PATIENCE) as answer:
        assert answer.headers["Content-Type"].startswith("text/javascript")
        (tmp_path / "netra-client.js").write_bytes(answer.read())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    name, text = program(DOCUMENT.read_text())
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        [node, "--require", str(OLDER_NODE), name],
        cwd=tmp_path,
        env={**os.environ, "NETRA_URL": server.origin, "NETRA_TOKEN": token_of(people.owner)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    assert told[0].startswith("run_queued")
    assert [line for line in told if line.startswith("agent_completed supervisor")]
    assert Run.objects.get().state == "completed"
