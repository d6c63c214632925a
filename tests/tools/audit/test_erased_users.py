"""An erased user's rows stay, can be checked, and tell nothing of whose they were."""

from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from accounts.erasure import ErasureTimeouts, erase_user
from tests.conftest import People
from tests.support.filled_rows import dump
from tests.support.running_worker import environment
from tests.tools.audit.attempts import record
from tools.audit.anchors import ANCHOR_FILE_NAME, create_anchor
from tools.audit.models import AuditRow, AuditSubject

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "kanarienvogel"


def test_rows_stay_without_the_users_name(tmp_path: Path, people: People, settings: Any) -> None:
    settings.NETRA = environment(tmp_path)
    user, run_id = people.owner, uuid4()
    said: dict[str, Any] = {"arguments": f'{{"goal": "{CANARY}"}}', "result": f'"{CANARY}"', "run_id": run_id}
    record(user.id, 2, **said)
    record(user.id, tool=CANARY, code="unknown_tool", outcome="refused", **said)
    record(people.neighbour.id, actor_id=user.id)  # as an operator
    create_anchor(tmp_path / ANCHOR_FILE_NAME)
    record(user.id, **said)

    erase_user(user, tmp_path, ErasureTimeouts(pages=0, runs=0, quiet=0, disk=5))

    assert AuditRow.objects.count() == 5
    assert list(AuditSubject.objects.values_list("owner_id", flat=True)) == [people.neighbour.id]
    marks = [CANARY, str(user.id), user.id.hex, str(run_id), run_id.hex]
    assert [row for row in dump() if any(mark in row for mark in marks)] == []
    assert not any(mark in (tmp_path / ANCHOR_FILE_NAME).read_text() for mark in marks)
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert out.getvalue().startswith("5 rows in 2 chains, 1 anchor.")
