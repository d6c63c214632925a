"""One bad row is left out and listed; the file is not lost with it, nor the rows behind it."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

HEADER = "time,model,input_tokens,output_tokens"
GOOD = "2024-05-01,gpt-4o,1,1\n"
BROKEN = ('"2024-05-01,gpt-4o,1,1\n', '2024-05-01,"gpt-4o,1,1\n', '2024-05-01,gpt-4o,1,"1\n')


@pytest.mark.parametrize("broken", BROKEN, ids=["first", "second", "last"])
def test_a_quotation_mark_that_nobody_closes_takes_no_other_row_along(tmp_path: Path, broken: str) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n{GOOD * 2}{broken}{GOOD * 3}")
    assert log.source.rows == 5
    assert [(one.rows, one.examples) for one in log.source.rejected] == [(1, (3,))]
    assert [row for (row,) in log.query("SELECT row FROM log.requests ORDER BY row")] == [1, 2, 4, 5, 6]


def test_several_of_them_are_each_left_out(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "".join(GOOD * 20 + each + GOOD for each in BROKEN))
    assert log.source.rows == 63
    assert [(one.rows, one.examples) for one in log.source.rejected] == [(3, (21, 43, 65))]


def test_rows_may_still_have_several_lines(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f'{HEADER},prompt\n2024-05-01,m,1,1,"a\n""b"""\n2024-05-01,m,2,1,"c\nd"\n')
    assert (log.source.rows, log.source.rejected) == (2, ())
