"""What a file of the corpus says should be found in it: `# expect: rule, rule` at the end of a line."""

import re
from pathlib import Path

from legacy.analysis.scan import check_source

CORPUS = Path(__file__).parents[1] / "corpus"
_EXPECT = re.compile(r"# expect: ([\w, -]+)$")


def expected(source: str) -> list[tuple[int, str]]:
    lines = enumerate(source.splitlines(), start=1)
    return sorted((number, rule) for number, line in lines for rule in _rules(line))


def _rules(line: str) -> list[str]:
    said = _EXPECT.search(line)
    return [each.strip() for each in said[1].split(",")] if said else []


def found(source: str) -> list[tuple[int, str]]:
    return sorted((each.line, each.rule.id) for each in check_source("corpus.py", without_marks(source)))


def without_marks(source: str) -> str:
    """The marks are taken out, so that no rule and no allow can go by them."""
    return "\n".join(re.sub(r"\s*# expect: [\w, -]+$", "", line) for line in source.splitlines()) + "\n"
