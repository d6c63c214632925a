"""A value of a private column is found in a text as it stands there, whatever its alphabet, its case or its blanks."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.workloads.builder import Requests
from tests.tools.disclosure_cases import taken_out
from tools.disclosure import PLACEHOLDER
from workloads.analysis.analysis import Analysis

pytestmark = pytest.mark.slow

NAMES = (
    *("Ana Lind", "\u039d\u0399\u039a\u039f\u03a3", "\u0130brahim", "STRA\u1e9eE", "\u00c9ric", "\u0160\u00e1rka"),
    *("\u00a0Mia", "Mia\u2003Berg", "\u3000\u5c71\u7530\u3000", "\u00abJo Lee\u00bb", "A-17/x.y", "\u01c5ep"),
)


def analysis(tmp_path: Path, **columns: Iterable[Any]) -> Analysis:
    requests = Requests()
    for values in zip(*columns.values(), strict=True):
        requests.add(model="gpt-4o", fresh_input=1, **dict(zip(columns, values, strict=True)))
    return requests.write(tmp_path).analysis()


@pytest.mark.parametrize("column", ["end_user", "session", "request_id", "prompt_hash"])
def test_a_value_is_taken_out(tmp_path: Path, column: str) -> None:
    with analysis(tmp_path, **{column: NAMES}) as log:
        for name in NAMES:
            told = taken_out({"said": f"Dear {name}, hello.", name: 1}, log.find_private_words)
            assert PLACEHOLDER in told["said"]
            assert name.strip("\u00ab\u00bb").strip() not in str(told), name


def test_case_is_of_no_matter(tmp_path: Path) -> None:
    with analysis(tmp_path, end_user=["\u039d\u0399\u039a\u039f\u03a3", "\u00c9ric"]) as log:
        words = frozenset({"\u03bd\u03b9\u03ba\u03bf\u03c2", "\u039d\u03b9\u03ba\u03bf\u03c3", "\u00e9RIC"})
        assert log.find_private_words(words | {"erik"}) == words


def test_hashes_of_blocks_are_found_in_either_case(tmp_path: Path) -> None:
    with analysis(tmp_path, blocks=[["A0AB12", "a0cd34"]]) as log:
        words = frozenset({"A0AB12", "a0ab12", "A0CD34", "a0cd34"})
        assert log.find_private_words(words | {"a0ee99"}) == words


def test_what_the_notice_says_is_sent_is_sent(tmp_path: Path) -> None:
    with analysis(tmp_path, end_user=["Search", "Ana"], feature=["search", "search"]) as log:
        assert log.find_private_words(frozenset({"search", "Ana"})) == {"Ana"}


def test_values_of_the_users_own_columns_are_found(tmp_path: Path) -> None:
    requests = Requests(always={"model": "gpt-4o", "fresh_input": 1}).add(feature="search").add(1)
    written = requests.write(tmp_path, kept=("department", "seen in"))
    with duckdb.connect(str(written.path)) as con:
        con.execute("CREATE TABLE kept (row BIGINT, k1 VARCHAR, k2 VARCHAR)")
        con.execute("INSERT INTO kept VALUES (1, 'Legal Affairs', 'search'), (2, NULL, ' Oslo ')")
    with written.analysis() as log:
        found = log.find_kept_words(frozenset({"legal affairs", "Oslo", "search", "gpt-4o", "Paris"}))
    assert found == {"legal affairs", "Oslo"}  # "search" may be sent: it is a feature


def test_a_log_without_columns_of_the_users_own_has_none_of_their_values(tmp_path: Path) -> None:
    with analysis(tmp_path, end_user=["Ana"]) as log:
        assert log.find_kept_words(frozenset({"Ana"})) == frozenset()
