"""`python -m tests.teeth`: write the table of bugs and catchers in docs/security.md anew."""

from tests.teeth.bugs.catalog import BUGS
from tests.teeth.table import DOCUMENT, written

DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8"), BUGS), encoding="utf-8")
