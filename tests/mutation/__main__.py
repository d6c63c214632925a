"""`python -m tests.mutation` writes the table of mutations in docs/security.md; with `--check` it only tells whether
that is up to date."""

import sys

from tests.mutation.catalog import MUTATIONS
from tests.mutation.table import DOCUMENT, update_table

document = DOCUMENT.read_text(encoding="utf-8")
updated = update_table(document, MUTATIONS)
if sys.argv[1:] != ["--check"]:
    DOCUMENT.write_text(updated, encoding="utf-8")
elif updated != document:
    sys.exit("docs/security.md: the table of mutations is out of date. Run: python -m tests.mutation")
