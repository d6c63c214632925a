"""`manage.py translations`: files for translators, which change only where something changed."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.i18n.extraction import PAGE_TEXT_FILES, extract_catalog
from core.i18n.language import Language
from core.management.commands import translations
from tests.core.i18n.pseudo_language import pseudo

SAYS = (
    'from core.i18n.text import plural_text, text\nA = text("{a}")\nB = plural_text("{{n}} row", "{{n}} rows", n=2)\n'
)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a product that says little."""
    for name in PAGE_TEXT_FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    (tmp_path / PAGE_TEXT_FILES[0]).write_text('{"stop": "Stop"}')
    says(tmp_path, "Hello {name}, how are you today?")
    monkeypatch.setattr(translations, "extract_catalog", lambda: extract_catalog(tmp_path))
    monkeypatch.setattr(translations, "LOCALE_DIR", tmp_path / "locale")
    return tmp_path


def says(root: Path, words: str) -> None:
    (root / "tools").mkdir(exist_ok=True)
    (root / "tools/says.py").write_text(SAYS.format(a=words))


def run(*arguments: str) -> str:
    told = StringIO()
    call_command("translations", *arguments, stdout=told)
    return told.getvalue()


def translate(path: Path, **words: str) -> None:
    content = path.read_text()
    for english, said in words.items():
        before = f'msgid "{english}"\nmsgstr ""'
        assert before in content
        content = content.replace(before, f'msgid "{english}"\nmsgstr "{said}"')
    path.write_text(content)


def test_a_new_file_has_all_messages_and_the_plural_forms(root: Path) -> None:
    assert "0 of 3 messages translated, 3 missing" in run("pl")
    content = (root / "locale/pl.po").read_text()
    assert "nplurals=3" in content
    assert 'msgctxt "page stop"\nmsgid "Stop"' in content
    assert "#: tools/says.py\n" in content
    assert 'msgid_plural "{n} rows"\nmsgstr[0] ""\nmsgstr[1] ""\nmsgstr[2] ""' in content
    assert "Date" not in content
    assert "Babel" not in content


def test_running_it_again_changes_nothing(root: Path) -> None:
    run("de")
    path = root / "locale/de.po"
    translate(path, Stop="Anhalten")
    run("de")
    before, since = path.read_bytes(), path.stat().st_mtime_ns
    assert "1 of 3 messages translated, 2 missing" in run("de")
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, since)


def test_a_translators_entries_are_preserved(root: Path) -> None:
    run("de")
    path = root / "locale/de.po"
    content = path.read_text().replace('msgctxt "page stop"', '# Of a run.\nmsgctxt "page stop"')
    path.write_text(
        "# Thanks to Eva.\n" + content.replace('"Language: ', '"Last-Translator: Eva <e@x.org>\\n"\n"Language: ')
    )
    translate(path, Stop="Anhalten")
    run("de")
    content = path.read_text()
    assert content.startswith("# Thanks to Eva.\n")
    assert "Last-Translator: Eva <e@x.org>" in content
    assert "# Of a run.\n" in content
    assert Language("de", path).page_texts == {"stop": "Anhalten"}


def test_changed_messages_are_fuzzy_and_removed_ones_are_dropped(root: Path) -> None:
    run("de")
    path = root / "locale/de.po"
    translate(path, **{"Hello {name}, how are you today?": "Hallo {name}, wie geht es heute?", "Stop": "Anhalten"})
    says(root, "Hello {name}, how are you today, then?")
    assert "1 of 3 messages translated, 2 missing, 0 to review, 1 obsolete" in run()
    assert "1 of 3 messages translated, 1 missing, 1 to review, 0 obsolete" in run("de")
    content = path.read_text()
    assert "#, fuzzy, python-brace-format\n" in content
    assert '#| msgid "Hello {name}, how are you today?"' in content
    says(root, "Bye")
    run("de")
    assert "Hallo" not in path.read_text()


@pytest.mark.slow
def test_the_list_has_every_language(root: Path) -> None:
    pseudo(root / "locale/nl.po")
    run("pt-br")
    english, *others = run().splitlines()
    assert english == "en  English: 3 messages, in the sources"
    assert [line.split(":")[0] for line in others] == ["nl  Dutch", "pt-BR  Portuguese (Brazil)"]
    assert "0 of 3 messages translated, 3 missing, 0 to review" in others[0]


@pytest.mark.parametrize("tag", ["xx", "../de", "", "de-", "en", "german"])
def test_an_unknown_language_is_refused(root: Path, tag: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(tag)
    assert refused.value.returncode == 1
    assert not (root / "locale").exists()


def test_an_invalid_file_is_not_overwritten(root: Path) -> None:
    run("de")
    path = root / "locale/de.po"
    path.write_text("<html>\n")
    with pytest.raises(CommandError, match="cannot be read"):
        run("de")
    assert path.read_text() == "<html>\n"


@pytest.mark.slow
def test_all_messages_can_be_translated(tmp_path: Path) -> None:
    """As a translator would: with a file of all of it, in a language of many plural forms."""
    path = tmp_path / "ar.po"
    pseudo(path)
    page = Language("ar", path).page_texts
    assert page["run.stop"] == "⟦Stop⟧"
    assert set(page["count.tools"]) == {"zero", "one", "two", "few", "many", "other"}
