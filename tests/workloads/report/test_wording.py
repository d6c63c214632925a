"""Sentences about a log in its row: as they were made, and as they were stored before they could be said otherwise."""

from pathlib import Path

import pytest
from django.db import connection

from core.db import iter_owned_rows
from core.i18n.language import Language
from core.i18n.text import Text, text, to_json
from tests.conftest import People
from tests.support.translations import german
from workloads.models import Workload

pytestmark = pytest.mark.django_db

WHY = text('"{name}": {why}', name='{a} "b"\x00 ä.csv', why=text("The file is empty."))


@pytest.fixture
def language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Language:
    return german(monkeypatch, tmp_path, {"The file is empty.": "Die Datei ist leer."})


def store_failed_log(people: People, error: str) -> Workload:
    workload = Workload.objects.create(owner=people.owner, name="log.csv", state="failed", error=error)
    return Workload.objects.get(id=workload.id)


def test_a_sentence_comes_back_as_it_was_made(people: People, language: Language) -> None:
    found = store_failed_log(people, WHY).error
    assert isinstance(found, Text)
    assert (found, to_json(found)) == (WHY, to_json(WHY))
    assert language.translate(found) == '"{a} "b"\x00 ä.csv": Die Datei ist leer.'


def test_a_row_saved_again_keeps_it(people: People) -> None:
    workload = store_failed_log(people, WHY)
    workload.save()
    assert to_json(Workload.objects.get(id=workload.id).error) == to_json(WHY)


@pytest.mark.parametrize("words", ["", '"log.csv": The file is empty.', "{a}", '{"words" of somebody'])
def test_what_was_stored_in_english_is_read_as_it_is(people: People, language: Language, words: str) -> None:
    workload = store_failed_log(people, WHY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workloads_workload SET error = %s", [words])
    found = Workload.objects.get(id=workload.id).error
    assert (found, language.translate(found)) == (words, words)


def test_a_log_without_an_error_is_found_by_that(people: People) -> None:
    store_failed_log(people, "")
    assert Workload.objects.get(error="").error == ""
    assert not Workload.objects.filter(error=WHY).exists()
    store_failed_log(people, WHY)
    assert Workload.objects.get(error=WHY).error == WHY


def test_who_takes_their_data_along_gets_the_sentence(people: People) -> None:
    store_failed_log(people, WHY)
    (row,) = iter_owned_rows(Workload, people.owner.id)
    assert row["error"] == WHY
