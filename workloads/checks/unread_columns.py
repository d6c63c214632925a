"""Name the columns with tokens, requests, tiers, batches or costs that nothing was read from (found by ingest)."""

from core.i18n.text import join_texts, plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, CheckCause, CheckState

NAME, TITLE = "unread_columns", text("Columns that were not read")
MAX_NAMES = 5


def check_unread_columns(log: PricedLog) -> Check:
    unread = log.source.unread
    if not unread:
        finding = text("Every column that seems to hold tokens, requests, tiers or costs was read.")
        return Check(name=NAME, title=TITLE, state=CheckState.PASSED, finding=finding)
    finding = plural_text(
        "{n} column that seems to bear on the cost was not read: {names}.",
        "{n} columns that seem to bear on the cost were not read: {names}.",
        n=len(unread),
        names=join_texts(", ", (column.name for column in unread[:MAX_NAMES])),
    )
    causes = tuple(
        CheckCause(what=text("{column}, for example {value}", column=column.name, value=column.example))
        for column in unread
    )
    return Check(name=NAME, title=TITLE, state=CheckState.FAILED, finding=finding, causes=causes)
