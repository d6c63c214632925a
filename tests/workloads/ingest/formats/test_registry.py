import re
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
    (path,) = (DOCUMENT.parent.parent / "workloads/ingest/formats").glob(f"*/{name}.py")
    docstring = path.read_text(encoding="utf-8").split('"""')[1]
    assert "https://" in docstring or "github.com/" in docstring or "Export" in docstring, path
