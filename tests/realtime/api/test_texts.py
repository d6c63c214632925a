"""The chat page's texts, in the language that a browser asks for."""

from pathlib import Path
from types import MappingProxyType

import pytest

from core.i18n import language
from core.i18n.language import Language
from tests.conftest import People
from tests.core.i18n.pseudo_language import pseudo
from tests.support.rest_clients import rest

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("locale") / "ar.po"
    pseudo(path)
    return path


@pytest.fixture(autouse=True)
def arabic(catalogue: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**language.LANGUAGES, "ar": Language("ar", catalogue)}
    monkeypatch.setattr(language, "LANGUAGES", MappingProxyType(known))


def test_anonymous_callers_get_the_texts() -> None:
    answer = rest().get("/api/texts/", HTTP_ACCEPT_LANGUAGE="ar-EG,en;q=0.5")
    told = answer.json()
    assert told["language"] == {"tag": "ar", "direction": "rtl"}
    assert told["texts"]["run.stop"] == "⟦Stop⟧"
    assert told["texts"]["count.tools"]["few"] == "⟦{n} tool calls⟧"
    assert told["texts"]["report.title"] == "⟦Cost report⟧"


def test_english_texts_are_part_of_the_page() -> None:
    assert rest().get("/api/texts/").json() == {"language": {"tag": "en", "direction": "ltr"}, "texts": {}}


def test_texts_are_cached_per_language() -> None:
    answer = rest().get("/api/texts/")
    assert "Accept-Language" in answer["Vary"]
    assert answer["Cache-Control"] == "private, max-age=600"


def test_the_page_has_its_language(people: People) -> None:
    told = rest(people.owner).get("/api/me/", HTTP_ACCEPT_LANGUAGE="ar").json()
    assert told["language"] == {"tag": "ar", "direction": "rtl"}
