"""Extraction of all messages from the sources, and the state and update of each language's .po file against them."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from core.i18n.catalog import PAGE_CONTEXT_PREFIX, is_usable

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "agents", "core", "legacy", "netra", "operators", "realtime", "tools", "workloads")
PAGE_TEXT_FILES = ("frontend/src/texts.json", "frontend/src/report/texts.json")
TEMPLATE_SUFFIXES = (".html", ".txt")

TEXT_MODULE = "core.i18n.text"
FORM_COUNTS = {"text": (1,), "plural_text": (1, 2)}
"""What makes a sentence, and how many literals it may begin with."""

SAY_TAG = re.compile(r'\{%\s*say\s+"((?:[^"\\]|\\.)*)"')
ESCAPE_SEQUENCE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class ExtractedMessage:
    """A message: one template, or both forms of one that a number decides on; `context` as in a .po file."""

    forms: tuple[str, ...]
    file: str
    context: str | None = None


def extract_catalog(root: Path = ROOT) -> Catalog:
    """Every message once, with the files that say it, in their order."""
    catalog = Catalog(fuzzy=False)
    for said in extract_messages(root):
        found = said.forms if len(said.forms) > 1 else said.forms[0]
        catalog.add(found, locations=[(said.file, 0)], context=said.context)
    return clear_format_flags(catalog)


def clear_format_flags(catalog: Catalog) -> Catalog:
    """The same, where Babel took messages ("30 % of it") for those of % formatting."""
    for message in catalog:
        message.flags.discard("python-format")
    return catalog


def extract_messages(root: Path = ROOT) -> Iterator[ExtractedMessage]:
    for path in _list_files(root, ".py"):
        for maker, call in find_text_calls(ast.parse(path.read_bytes())):
            if forms := get_literal_forms(maker, call):
                yield ExtractedMessage(forms, _relative_name(path, root))
    for path in _list_files(root, *TEMPLATE_SUFFIXES):
        for found in SAY_TAG.finditer(path.read_text(encoding="utf-8")):
            yield ExtractedMessage((ESCAPE_SEQUENCE.sub(r"\1", found[1]),), _relative_name(path, root))
    for name in PAGE_TEXT_FILES:
        for key, words in load_page_texts(root / name).items():
            yield ExtractedMessage(
                (words,) if isinstance(words, str) else (words["one"], words["other"]), name, PAGE_CONTEXT_PREFIX + key
            )


def find_text_calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Those of `text` and `plural_text` in a module that has them of core.i18n.text, there under whatever name."""
    known = _imported_names(module)
    for node in ast.walk(module) if known else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            yield known[node.func.id], node


def get_literal_forms(maker: str, call: ast.Call) -> tuple[str, ...]:
    """What such a call says; nothing where that is not there to be read, which a test refuses."""
    found = tuple(each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str))
    if len(found) != len(call.args) or len(found) not in FORM_COUNTS[maker] or not all(found):
        return ()
    return found * 2 if (maker, len(found)) == ("plural_text", 1) else found


def load_page_texts(path: Path) -> Mapping[str, str | Mapping[str, str]]:
    """The chat page's: by its names for them a text, or its plural forms "one" and "other"."""
    texts: dict[str, str | Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _imported_names(module: ast.Module) -> dict[str, str]:
    return {
        each.asname or each.name: each.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == TEXT_MODULE
        for each in node.names
        if each.name in FORM_COUNTS
    }


def _list_files(root: Path, *suffixes: str) -> list[Path]:
    return sorted(
        path
        for room in PACKAGES
        for path in (root / room).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
    )


def _relative_name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationStatus:
    """Messages by what becomes of them: said in the language; said in English, as there is no translation (missing) or
    somebody must look at the one that there is (unsure); in the file, but not said any more (stale)."""

    translated: int
    missing: int
    fuzzy: int
    obsolete: int


def compute_translation_status(path: Path, now: Catalog) -> TranslationStatus:
    """Of a .po file, against all that is said now."""
    with path.open("rb") as file:
        there = read_po(file, locale=path.stem.replace("-", "_"))
    said = [there.get(message.id, message.context) for message in now if message.id]
    known = [message for message in said if message is not None and message.string and any(message.string)]
    translated = sum(is_usable(message) for message in known)
    return TranslationStatus(
        translated=translated,
        missing=len(said) - len(known),
        fuzzy=len(known) - translated,
        obsolete=sum(bool(message.id) and now.get(message.id, message.context) is None for message in there),
    )


LINE_WIDTH = 110
# What changes by itself would hide what somebody has changed; and what Babel writes where nothing is known.
OMITTED_HEADERS = (b'"POT-Creation-Date:', b'"Generated-By:', b'"Project-Id-Version:', b'"Report-Msgid-Bugs-To:')
PLACEHOLDER_HEADERS = (b'"PO-Revision-Date: YEAR', b'"Last-Translator: FULL NAME')


def merge_po_file(path: Path, now: Catalog) -> bytes:
    """The file as it should be, made where there is none.

    What is not said any more goes. Where only the English words were changed the old translation stays, as fuzzy: it is
    not said before somebody has looked at it. Raises OSError, and PoFileError of Babel for a file that is none.
    """
    locale = Locale.parse(path.stem, sep="-")
    catalog = _read_catalog(path, locale) if path.exists() else _new_catalog(locale)
    catalog.update(now, update_creation_date=False)
    written = BytesIO()
    write_po(written, clear_format_flags(catalog), width=LINE_WIDTH, ignore_obsolete=True, include_previous=True)
    return b"".join(
        line
        for line in written.getvalue().splitlines(keepends=True)
        if not line.startswith(OMITTED_HEADERS + PLACEHOLDER_HEADERS)
    )


def _read_catalog(path: Path, locale: Locale) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _new_catalog(locale: Locale) -> Catalog:
    comment = f"# Netra in {locale.english_name}: docs/translations.md says how to go on."
    return Catalog(locale=locale, header_comment=comment, language_team=locale.english_name, fuzzy=False)
