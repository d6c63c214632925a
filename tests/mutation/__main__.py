"""`python -m tests.mutation` writes the table of mutations in docs/security.md. With `--check` it only says whether
that is up to date and every test in it exists."""

import sys

from tests.mutation.catalog import MUTATIONS
from tests.mutation.mutation import list_missing_tests
from tests.mutation.table import DOCUMENT, update_table
from tests.mutation.working_copy import ROOT

missing = [f"{each.name}: {test}" for each in MUTATIONS for test in list_missing_tests(each, ROOT)]
if missing:
    sys.exit("\n".join(["Mutations name tests that do not exist; correct `caught_by`:", *missing]))
document = DOCUMENT.read_text(encoding="utf-8")
updated = update_table(document, MUTATIONS)
if sys.argv[1:] != ["--check"]:
    DOCUMENT.write_text(updated, encoding="utf-8")
elif updated != document:
    sys.exit("docs/security.md: the table of mutations is out of date. Run: python -m tests.mutation")
