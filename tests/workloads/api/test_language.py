"""Notes about a log are shown in the language of whoever looks, now and later."""

from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from core.i18n import language as i18n_language
from core.i18n.language import Language
from core.i18n.text import text
from tests.conftest import People
from tests.core.i18n.pseudo_language import CLOSE, OPEN, pseudo
from tests.support.workloads.uploaded_logs import in_state, reading, require, upload_log
from tests.workloads.api.conftest import SignedIn
from workloads.models import Workload, WorkloadState

pytestmark = pytest.mark.django_db(transaction=True)

ROW = b"2026-01-01T00:00:00Z,gpt-4o,1000,10\n"
ODD = b"timestamp,model,input_tokens,output_tokens\n" + ROW * 5 + b"never,gpt-4o,1,1\n"
NO_TABLE = b"%PDF-1.7 \x00\x01 nothing that is a log\n" * 10


@pytest.fixture(autouse=True)
def spoken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pseudo(tmp_path / "locale" / "nl.po")
    language = Language("nl", tmp_path / "locale" / "nl.po")
    assert language.translate(text("Not in any catalogue")) == "Not in any catalogue"  # read before the loop runs
    monkeypatch.setattr(i18n_language, "LANGUAGES", {**i18n_language.LANGUAGES, "nl": language})


async def read_in_two_languages(
    people: People, signed_in: SignedIn, data_dir: Path, content: bytes, state: WorkloadState
) -> list[Any]:
    """The log as REST has it, in the pseudo language and in English."""
    workload = await sync_to_async(upload_log)(people.owner, data_dir, content)
    async with reading(data_dir):
        await in_state(workload, state)
    client = await sync_to_async(signed_in)(people.owner)
    path = f"/api/workloads/{workload.id}/"
    return [
        (await sync_to_async(client.get)(path, headers={"accept-language": language})).json()
        for language in ("nl-BE,nl;q=0.9,en;q=0.8", "en")
    ]


def is_marked(words: str) -> bool:
    return words.startswith(OPEN) and words.endswith(CLOSE)


async def test_notes_and_reasons_are(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    marks, english = (
        each["source"] for each in await read_in_two_languages(people, signed_in, data_dir, ODD, WorkloadState.READY)
    )
    assert [is_marked(each["why"]) for each in marks["rejected"]] == [True]
    assert [is_marked(note) for note in marks["notes"]] == [True] * len(english["notes"]) != []
    assert OPEN not in str(english)
    assert "never" in str(english["rejected"]) or english["rejected"][0]["rows"] == 1


async def test_why_a_log_could_not_be_read_is(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    marks, english = await read_in_two_languages(people, signed_in, data_dir, NO_TABLE, WorkloadState.FAILED)
    assert is_marked(marks["error"]["message"])
    assert OPEN not in str(english)
    assert english["error"]["message"] == await Workload.objects.values_list("error", flat=True).aget()


async def test_a_log_that_failed_before_words_were_kept_says_them_as_they_are(
    people: People, signed_in: SignedIn, data_dir: Path
) -> None:
    workload = await sync_to_async(upload_log)(people.owner, data_dir, ODD)
    await Workload.objects.aupdate(state="failed", error_code="bad_input", error="an {old} sentence")
    client = await sync_to_async(signed_in)(people.owner)
    answer = await sync_to_async(client.get)(f"/api/workloads/{workload.id}/", headers={"accept-language": "nl"})
    assert answer.json()["error"]["message"] == "an {old} sentence"


async def test_every_way_to_a_log_tells_the_same(people: People, signed_in: SignedIn, data_dir: Path) -> None:
    workload = await sync_to_async(upload_log)(people.owner, data_dir, ODD)
    async with reading(data_dir):
        await in_state(workload, WorkloadState.READY)
    client = await sync_to_async(signed_in)(people.owner)

    def ask() -> list[Any]:
        asked: dict[str, Any] = {"headers": {"accept-language": "nl"}}
        path = f"/api/workloads/{workload.id}/"
        (listed,) = client.get("/api/workloads/", **asked).json()["results"]
        (shown,) = client.get("/api/snapshot/", **asked).json()["workloads"]
        brought = client.get(f"/api/uploads/{workload.id}/", **asked).json()["workload"]
        renamed = client.patch(path, {"name": workload.name}, format="json", **asked).json()
        return [client.get(path, **asked).json(), listed, shown, brought, renamed]

    first, *others = await sync_to_async(ask)()
    assert is_marked(first["source"]["format_title"])
    assert others == [first] * 4


async def test_what_was_found_out_before_sentences_were_kept_is_told_as_it_was(
    people: People, signed_in: SignedIn, data_dir: Path
) -> None:
    workload = await sync_to_async(upload_log)(people.owner, data_dir, ODD)
    async with reading(data_dir):
        found = await in_state(workload, WorkloadState.READY)
    old = {"notes": ["an {old} note"], "rejected": [{"why": "an {old} reason", "rows": 2, "examples": [1, 2]}]}
    await Workload.objects.aupdate(source={**require(found.source), **old})
    client = await sync_to_async(signed_in)(people.owner)
    answer = await sync_to_async(client.get)(f"/api/workloads/{workload.id}/", headers={"accept-language": "nl"})
    assert {name: answer.json()["source"][name] for name in old} == old
