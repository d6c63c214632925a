import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.workloads.ingest.formats import test_coding, test_gateways, test_observability, test_providers
from workloads.ingest.formats.registry import FORMATS

DOCUMENT = Path(__file__).parents[4] / "docs" / "formats.md"
TESTED_ELSEWHERE = {"azure", "burstgpt", "mooncake", "netra", "tabular"}


def test_the_document_lists_each_format_once() -> None:
    table = DOCUMENT.read_text(encoding="utf-8").partition("## Fields")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(FORMATS)


def test_each_format_of_a_system_has_a_golden_file() -> None:
    modules = (test_coding, test_gateways, test_observability, test_providers)
    golden = {each.format for module in modules for each in module.GOLDEN.values()}
    assert golden == FORMATS.keys() - TESTED_ELSEWHERE


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"netra", "tabular"}))
def test_each_format_names_the_page_of_its_layout(name: str) -> None:
    folder = DOCUMENT.parent.parent / "workloads/ingest/formats"
    (docstring,) = (found for path in folder.rglob("*.py") if (found := find_docstring(path, f"{name.upper()} = ")))
    assert "https://" in docstring


def find_docstring(path: Path, assignment: str) -> str | None:
    """Return the text after the assignment, or else the module's; None if the module doesn't have the assignment."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node, following in pairwise([*tree.body, ast.Pass()]):
        if ast.unparse(node).startswith(assignment):
            match following:
                case ast.Expr(value=ast.Constant(value=str(words))):
                    return words
            return ast.get_docstring(tree)
    return None
