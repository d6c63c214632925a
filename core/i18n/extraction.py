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
"""The functions that make a Text, and how many literals each may take."""

SAY_TAG = re.compile(r'\{%\s*say\s+"((?:[^"\\]|\\.)*)"')
ESCAPE_SEQUENCE = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class ExtractedMessage:
    """A message: one template, or both plural forms; `context` as in a .po file."""

    forms: tuple[str, ...]
    file: str
    context: str | None = None


def extract_catalog(root: Path = ROOT) -> Catalog:
    """Return each message once, with the files that it is in."""
    catalog = Catalog(fuzzy=False)
    for message in extract_messages(root):
        message_id = message.forms if len(message.forms) > 1 else message.forms[0]
        catalog.add(message_id, locations=[(message.file, 0)], context=message.context)
    return clear_format_flags(catalog)


def clear_format_flags(catalog: Catalog) -> Catalog:
    """Clear Babel's flags of messages ("30 % of it") that it takes for % formatting."""
    for message in catalog:
        message.flags.discard("python-format")
    return catalog


def extract_messages(root: Path = ROOT) -> Iterator[ExtractedMessage]:
    for path in _list_files(root, ".py"):
        for function, call in find_text_calls_in(path):
            if forms := get_literal_forms(function, call):
                yield ExtractedMessage(forms, _relative_name(path, root))
    for path in _list_files(root, *TEMPLATE_SUFFIXES):
        for tag in SAY_TAG.finditer(path.read_text(encoding="utf-8")):
            yield ExtractedMessage((ESCAPE_SEQUENCE.sub(r"\1", tag[1]),), _relative_name(path, root))
    for name in PAGE_TEXT_FILES:
        for key, words in load_page_texts(root / name).items():
            yield ExtractedMessage(
                (words,) if isinstance(words, str) else (words["one"], words["other"]), name, PAGE_CONTEXT_PREFIX + key
            )


def find_text_calls_in(path: Path) -> Iterator[tuple[str, ast.Call]]:
    source = path.read_bytes()
    if TEXT_MODULE.encode() in source:  # parsing all the others would take most of the time
        yield from find_text_calls(ast.parse(source))


def find_text_calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield the calls of `text` and `plural_text`, whatever the module has imported them as."""
    known = _imported_names(module)
    for node in ast.walk(module) if known else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            yield known[node.func.id], node


def get_literal_forms(function: str, call: ast.Call) -> tuple[str, ...]:
    """Return the literals of such a call; none if they are not literals, for which a test fails."""
    forms = tuple(arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))
    if len(forms) != len(call.args) or len(forms) not in FORM_COUNTS[function] or not all(forms):
        return ()
    return forms * 2 if (function, len(forms)) == ("plural_text", 1) else forms


def load_page_texts(path: Path) -> Mapping[str, str | Mapping[str, str]]:
    """Return the chat page's texts by name: a text, or its plural forms "one" and "other"."""
    texts: dict[str, str | Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _imported_names(module: ast.Module) -> dict[str, str]:
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == TEXT_MODULE
        for alias in node.names
        if alias.name in FORM_COUNTS
    }


def _list_files(root: Path, *suffixes: str) -> list[Path]:
    return sorted(
        path
        for package in PACKAGES
        for path in (root / package).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
    )


def _relative_name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationStatus:
    """Counts of messages: translated, without a translation (missing), to be reviewed (fuzzy), and in the file but no
    longer in the sources (obsolete). Missing and fuzzy ones are shown in English."""

    translated: int
    missing: int
    fuzzy: int
    obsolete: int


def compute_translation_status(path: Path, current: Catalog) -> TranslationStatus:
    """Compare a .po file with the current messages."""
    with path.open("rb") as file:
        stored = read_po(file, locale=path.stem.replace("-", "_"))
    messages = [stored.get(message.id, message.context) for message in current if message.id]
    known = [message for message in messages if message is not None and message.string and any(message.string)]
    translated = sum(is_usable(message) for message in known)
    return TranslationStatus(
        translated=translated,
        missing=len(messages) - len(known),
        fuzzy=len(known) - translated,
        obsolete=sum(bool(message.id) and current.get(message.id, message.context) is None for message in stored),
    )


LINE_WIDTH = 110
# Headers that change by themselves would hide real changes; Babel writes placeholders for unknown values.
OMITTED_HEADERS = (b'"POT-Creation-Date:', b'"Generated-By:', b'"Project-Id-Version:', b'"Report-Msgid-Bugs-To:')
PLACEHOLDER_HEADERS = (b'"PO-Revision-Date: YEAR', b'"Last-Translator: FULL NAME')


def merge_po_file(path: Path, current: Catalog) -> bytes:
    """Return the content of a new .po file, or of the existing one merged with the current messages.

    Obsolete messages are removed. If only the English text has changed, the old translation stays as fuzzy: it is not
    shown before somebody has reviewed it. Raises OSError, and Babel's PoFileError for an invalid file.
    """
    locale = Locale.parse(path.stem, sep="-")
    catalog = _read_catalog(path, locale) if path.exists() else _new_catalog(locale)
    catalog.update(current, update_creation_date=False)
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
