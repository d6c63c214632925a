"""Messages are read from the sources: nothing that is said escapes, and nothing is collected that is not said."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path
from string import Formatter

import pytest

from core.i18n.catalog import find_template_fields
from core.i18n.extraction import (
    PACKAGES,
    PAGE_TEXT_FILES,
    ROOT,
    SAY_TAG,
    TEMPLATE_SUFFIXES,
    ExtractedMessage,
    extract_catalog,
    extract_messages,
    find_text_calls_in,
    get_literal_forms,
)

pytestmark = [pytest.mark.slow, pytest.mark.long]

SOURCE = """
from core.i18n.text import plural_text, text
from core.i18n.text import text as said

WORDS = text("one")
MORE = plural_text("{n} row of {name}", "{n} rows of {name}", n=2, name=WORDS)
SAME = plural_text("up to {n}", n=2)
OTHER = said("two " "lines")
NEITHER = window.text("a method"), other("x")
"""
HOMES = ("core/i18n/", "core/templatetags/netra_i18n.py")


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, content in {**dict.fromkeys(PAGE_TEXT_FILES, "{}"), **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def list_extracted(root: Path) -> list[tuple[str | None, object, list[str]]]:
    return [(each.context, each.id, [file for file, _ in each.locations]) for each in extract_catalog(root) if each.id]


def test_python_messages_are_extracted(tmp_path: Path) -> None:
    root = tree(tmp_path, {"tools/a.py": SOURCE, "tools/b.py": SOURCE, "tools/own.py": 'text("not ours")'})
    both = ["tools/a.py", "tools/b.py"]
    assert list_extracted(root) == [
        (None, "one", both),
        (None, ("{n} row of {name}", "{n} rows of {name}"), both),
        (None, ("up to {n}", "up to {n}"), both),
        (None, "two lines", both),
    ]


def test_template_messages_are_extracted(tmp_path: Path) -> None:
    page = r'<h1>{% say "Sign in" %}</h1>{%say "Say \"{word}\"" word=word%}'
    root = tree(tmp_path, {"netra/templates/page.html": page})
    where = ["netra/templates/page.html"]
    assert list_extracted(root) == [(None, "Sign in", where), (None, 'Say "{word}"', where)]


def test_texts_of_the_page_have_their_keys_as_context(tmp_path: Path) -> None:
    root = tree(tmp_path, {PAGE_TEXT_FILES[0]: '{"stop": "Stop", "rows": {"one": "{n} row", "other": "{n} rows"}}'})
    where = [PAGE_TEXT_FILES[0]]
    assert list_extracted(root) == [("page stop", "Stop", where), ("page rows", ("{n} row", "{n} rows"), where)]


def test_a_percent_sign_is_not_a_format(tmp_path: Path) -> None:
    root = tree(tmp_path, {PAGE_TEXT_FILES[0]: '{"cut": "30 % of it"}'})
    assert [each.flags for each in extract_catalog(root) if each.id] == [set()]


def python() -> list[Path]:
    return [path for room in PACKAGES for path in (ROOT / room).rglob("*.py") if "node_modules" not in path.parts]


@pytest.fixture(scope="module")
def messages() -> Sequence[ExtractedMessage]:
    """All of ours."""
    return list(extract_messages())


def test_every_message_is_a_literal() -> None:
    for path in python():
        for maker, call in find_text_calls_in(path):
            assert get_literal_forms(maker, call), (
                f"{path}:{call.lineno}: no translator will see this: {ast.unparse(call)}"
            )


def test_messages_are_only_created_by_text_and_plural_text() -> None:
    """What makes a Text otherwise, or has those two of elsewhere, is not collected."""
    for path in python():
        source = path.read_text()
        if not path.relative_to(ROOT).as_posix().startswith(HOMES):
            assert "language import text" not in source, path
            ours = re.search(r"netra\.language\.text import .*\bText\b", source)
            assert not (ours and re.search(r"(?<![\w.])Text\(", source)), path


def test_every_template_message_is_in_double_quotes() -> None:
    for room in PACKAGES:
        for path in (path for path in (ROOT / room).rglob("*") if path.suffix in TEMPLATE_SUFFIXES):
            source = path.read_text()
            assert source.count("{% say ") == len(SAY_TAG.findall(source)), path


def test_both_plural_forms_have_the_same_named_fields(messages: Sequence[ExtractedMessage]) -> None:
    for said in messages:
        for form in said.forms:
            names = [name for _, name, _, _ in Formatter().parse(form) if name is not None]
            assert all(name.isidentifier() for name in names), (said.file, form)
        assert len({frozenset(find_template_fields(form) - {"n", "count", "rows"}) for form in said.forms}) == 1, said


def test_one_singular_has_one_plural(messages: Sequence[ExtractedMessage]) -> None:
    """A .po file knows a message by its first form."""
    plurals: dict[tuple[str | None, str], str] = {}
    for said in messages:
        if len(said.forms) > 1:
            assert plurals.setdefault((said.context, said.forms[0]), said.forms[1]) == said.forms[1]
