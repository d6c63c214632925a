"""A sentence with a count reads right for 1 as well: it has both forms, wherever it is said."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

import pytest

from core.i18n.extraction import PACKAGES, PAGE_TEXT_FILES, ROOT, find_text_calls, get_literal_forms, load_page_texts

FIELD = r"\{(?P<field>\w*)(?::(?P<how>[^{}]*))?\}"
"""As in a sentence; in an f-string without what it is computed of."""

BETWEEN = (
    r" (?:of these )?(?:(?!(?:is|are|a|an|the|of|in|for|to|not|no|that|this|which|must|but|and|on|at|if|know|stands|"
    r"active|does|user)\b)[a-z-]+ ){0,2}?"
)
FEW = re.compile(FIELD + r"(?: of \{[^{}]*\})?" + BETWEEN + r"(?P<noun>[a-z]{2,}s)\b")
MANY = re.compile(FIELD + BETWEEN + r"(?P<noun>are|were|have)\b")

OTHER_WORDS = frozenset(
    {"answers", "appends", "as", "assigns", "belongs", "carries", "changes", "comes", "costs", "counts", "covers"}
    | {
        "decides",
        "does",
        "duplicates",
        "equals",
        "fits",
        "has",
        "holds",
        "is",
        "its",
        "keeps",
        "less",
        "makes",
        "names",
        "needs",
    }
    | {"contains", "matches", "times"}
    | {"applies", "differs", "exists", "follows", "requires", "shows"}
    | {
        "outlives",
        "passwords",
        "removes",
        "says",
        "speaks",
        "spends",
        "stands",
        "repeats",
        "takes",
        "tells",
        "was",
        "writes",
    }
)
"""That end in an s and count nothing: verbs of whatever stands before them."""

BOUNDS = frozenset({"most", "limit", "bytes"})
"""Fields for what may be at most, which is never 1."""


NAME = "value"
"""In place of what an f-string puts in without saying how: mostly a name."""

COMPOSED = frozenset({"figure.peak.value", "budget.near", "budget.nearShared"})
"""Of the page: what is put in is a phrase or an amount of money."""

SETTING = "{value:} bytes"  # of DuckDB's


def offences(form: str) -> Iterator[str]:
    """The fields of a form that is said of one, and yet of several."""
    for pattern in (FEW, MANY):
        for found in pattern.finditer(form):
            table = (found["how"] or "").startswith((">", "<", "."))  # a column, a share or money
            bound = found["field"] in BOUNDS or (pattern is MANY and found["field"] == NAME)
            if found["noun"] not in OTHER_WORDS and not bound and not table:
                yield found["field"]


def constants(call: ast.Call) -> frozenset[str]:
    """The fields that a constant of ours stands in, which is never 1."""
    named = {each.arg: each.value for each in call.keywords if each.arg}
    return frozenset(name for name, value in named.items() if isinstance(value, ast.Name) and value.id.isupper())


Found = Mapping[str, Sequence[str]]


@pytest.fixture(scope="module")
def wrong() -> Found:
    """What lacks a singular: in messages, f-strings and log messages. One look at each module, since that of all of
    them takes seconds."""
    found: dict[str, list[str]] = {"message": [], "f-string": [], "log message": []}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if "node_modules" not in path.parts:
            for kind, line, form in find_offences(ast.parse(path.read_bytes())):
                found[kind].append(f"{path.relative_to(ROOT)}:{line}: {form}")
    return found


def find_offences(module: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Yield the kind, line and form of each."""
    for maker, call in find_text_calls(module):
        forms = get_literal_forms(maker, call)
        if forms and set(offences(forms[0])) - constants(call):
            yield "message", call.lineno, forms[0]
    for node in ast.walk(module):
        if isinstance(node, ast.JoinedStr) and shape(node) != SETTING and any(offences(shape(node))):
            yield "f-string", node.lineno, shape(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "%d" in node.value:
            form = node.value.replace("%d", "{n}")
            yield from [("log message", node.lineno, node.value)] if any(offences(form)) else []


@pytest.mark.slow
@pytest.mark.slow
def test_a_message_with_a_count_has_a_singular(wrong: Found) -> None:
    assert not wrong["message"], "\n".join(wrong["message"])


@pytest.mark.parametrize("name", PAGE_TEXT_FILES)
def test_the_page_has_singular_forms(name: str) -> None:
    words = {key: said if isinstance(said, str) else said["one"] for key, said in load_page_texts(ROOT / name).items()}
    assert {key: said for key, said in words.items() if key not in COMPOSED and list(offences(said))} == {}


def shape(joined: ast.JoinedStr) -> str:
    """An f-string as a sentence with fields; a constant of ours is no count."""
    parts = []
    for each in joined.values:
        if isinstance(each, ast.Constant):
            parts.append(str(each.value).replace("{", "(").replace("}", ")"))
        elif isinstance(each, ast.FormattedValue):
            bound = isinstance(each.value, ast.Name) and each.value.id.isupper()
            how = each.format_spec.values[0] if isinstance(each.format_spec, ast.JoinedStr) else None
            spec = str(how.value) if isinstance(how, ast.Constant) else ""
            parts.append(f"{{{'most' if bound else 'n' if ',' in spec else NAME}:{spec}}}")
    return "".join(parts)


@pytest.mark.slow
def test_commands_and_errors_have_singular_forms(wrong: Found) -> None:
    assert not wrong["f-string"], "\n".join(wrong["f-string"])


@pytest.mark.slow
def test_log_messages_have_singular_forms(wrong: Found) -> None:
    assert not wrong["log message"], "\n".join(wrong["log message"])


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('from core.i18n.text import text\ntext("{n} rows", n=n)', "message"),
        ('print(f"{n:,} rows")', "f-string"),
        ('LOG.info("%d rows", n)', "log message"),
    ],
)
def test_each_kind_is_found_in_a_module(source: str, kind: str) -> None:
    assert [kind for kind, _, _ in find_offences(ast.parse(source))] == [kind]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("{n:,} rows were left out: {why}", ["n", "n"]),
        ("{n} steps planned.", ["n"]),
        ("{spent} spent on {n:,} requests", ["n"]),
        ("Estimated {known} of {n} levers", ["known"]),
        ("{n} more are in the baseline", ["n"]),
        ("{n} row was left out", []),
        ("{tool} costs money", []),
        ("the limit is {most:,}", []),
    ],
)
def test_a_missing_singular_is_found(form: str, fields: list[str]) -> None:
    assert list(offences(form)) == fields
