"""All that Netra says to people, in English: read from the sources, for translators."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog

from netra.language.catalogue import PAGE

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("agents", "legacy", "netra", "realtime", "tools", "workloads")
PAGE_TEXTS = ("realtime/page/src/texts.json", "realtime/page/src/report/texts.json")
TEMPLATES = (".html", ".txt")

HOME = "netra.language.text"
FORMS = {"text": (1,), "counted": (1, 2)}
"""What makes a sentence, and how many literals it may begin with."""

SAY = re.compile(r'\{%\s*say\s+"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Said:
    """A message: one template, or both forms of one that a number decides on; `context` as in a .po file."""

    forms: tuple[str, ...]
    file: str
    context: str | None = None


def collected(root: Path = ROOT) -> Catalog:
    """Every message once, with the files that say it, in their order."""
    catalog = Catalog(fuzzy=False)
    for said in messages(root):
        found = said.forms if len(said.forms) > 1 else said.forms[0]
        catalog.add(found, locations=[(said.file, 0)], context=said.context)
    return plain(catalog)


def plain(catalog: Catalog) -> Catalog:
    """The same, where Babel took messages ("30 % of it") for those of % formatting."""
    for message in catalog:
        message.flags.discard("python-format")
    return catalog


def messages(root: Path = ROOT) -> Iterator[Said]:
    for path in _files(root, ".py"):
        for maker, call in calls(ast.parse(path.read_bytes())):
            if forms := literals(maker, call):
                yield Said(forms, _name(path, root))
    for path in _files(root, *TEMPLATES):
        for found in SAY.finditer(path.read_text(encoding="utf-8")):
            yield Said((ESCAPED.sub(r"\1", found[1]),), _name(path, root))
    for name in PAGE_TEXTS:
        for key, words in page_texts(root / name).items():
            yield Said((words,) if isinstance(words, str) else (words["one"], words["other"]), name, PAGE + key)


def calls(module: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Those of `text` and `counted` in a module that has them of netra.language.text, there under whatever name."""
    known = _imported(module)
    for node in ast.walk(module) if known else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            yield known[node.func.id], node


def literals(maker: str, call: ast.Call) -> tuple[str, ...]:
    """What such a call says; nothing where that is not there to be read, which a test refuses."""
    found = tuple(each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str))
    if len(found) != len(call.args) or len(found) not in FORMS[maker] or not all(found):
        return ()
    return found * 2 if (maker, len(found)) == ("counted", 1) else found


def page_texts(path: Path) -> Mapping[str, str | Mapping[str, str]]:
    """The chat page's: by its names for them a text, or its plural forms "one" and "other"."""
    texts: dict[str, str | Mapping[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def _imported(module: ast.Module) -> dict[str, str]:
    return {
        each.asname or each.name: each.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module == HOME
        for each in node.names
        if each.name in FORMS
    }


def _files(root: Path, *suffixes: str) -> list[Path]:
    return sorted(
        path
        for room in ROOMS
        for path in (root / room).rglob("*")
        if path.suffix in suffixes and "node_modules" not in path.parts
    )


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()
