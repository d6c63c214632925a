"""The checks of a log's figures against the log itself, and those of what was read of it.

They compare the stated spend (stated_spend.py), token totals, context windows, which are those of the price list, and
name columns that were not read."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, CheckCause, Checks, CheckState
from workloads.checks.stated_spend import check_stated_spend
from workloads.ingest.formats.registry import FORMATS
from workloads.pricing.pricer import LogModel

TOTALS_NAME, TOTALS_TITLE = "token_totals", text("Token totals")
TOLERANCE = 0.001  # of all stated tokens

WINDOWS_NAME, WINDOWS_TITLE = "context_window", text("Context windows")
SLACK = 1.1  # the list rounds some windows down
LONG_WINDOW = 1_000_000  # of models whose list entry has the shorter of two windows

UNREAD_NAME, UNREAD_TITLE = "unread_columns", text("Columns that were not read")
MAX_NAMES = 5  # of unread columns

_READ_TOKENS = "(fresh_input + cache_read + cache_write + output)"
_CACHED = "(cache_read + cache_write)"
_GAP = f"(logged_tokens - {_READ_TOKENS})"
LEFT_OUT = "left_out"

_CACHED_LEFT_OUT = text("the total leaves out cached tokens")
CAUSES: Mapping[str, tuple[str, Text]] = MappingProxyType(
    {
        LEFT_OUT: (f"{_GAP} = -{_CACHED} AND fresh_input < {_CACHED}", _CACHED_LEFT_OUT),
        "cached_inside": (
            f"{_GAP} = -{_CACHED}",
            text("cached tokens were read beside the input, but the total has them inside it (map input_tokens)"),
        ),
        "cached_beside": (
            f"{_GAP} = {_CACHED} AND {_CACHED} > 0",
            text("cached tokens were read inside the input, but the total counts them beside it"),
        ),
        "reasoning_inside": (
            f"{_GAP} = -reasoning",
            text("reasoning tokens were read beside the output, but the total has them inside it"),
        ),
        "reasoning_beside": (f"{_GAP} = reasoning", text("reasoning tokens are not in the output that was read")),
        "no_output": (f"{_GAP} = -output", text("the total leaves out the output")),
        "unread": (f"{_GAP} > 0", text("the total has tokens of a kind that was not read")),
        "excess": (f"{_GAP} < 0", text("the columns that were read have more tokens than the total")),
    }
)
"""SQL conditions on a row that differs, and what each is a sign of; the first one counts."""


def check_token_totals(log: PricedLog) -> Check:
    if not log.has_columns("logged_tokens"):
        finding = text("The log states no token totals to compare with.")
        return Check(name=TOTALS_NAME, title=TOTALS_TITLE, state=CheckState.UNKNOWN, finding=finding)
    stated, read, rows = log.fetch_one(
        f"""SELECT sum(logged_tokens)::BIGINT, sum({_READ_TOKENS})::BIGINT, count(*)
        FROM log.requests WHERE logged_tokens IS NOT NULL"""
    )
    found = _count_causes(log)
    known = {LEFT_OUT, "cached_inside"} if _excludes_cached(log) else {LEFT_OUT}
    off = sum(gap for name, (_, _, gap) in found.items() if name not in known)
    if off <= stated * TOLERANCE:
        finding = plural_text(
            "The log's own totals confirm the tokens read ({n:,} row).",
            "The log's own totals confirm the tokens read ({n:,} rows).",
            n=rows,
        )
        return Check(name=TOTALS_NAME, title=TOTALS_TITLE, state=CheckState.PASSED, finding=finding)
    causes = sorted(found.items(), key=lambda item: (-item[1][2], item[0]))
    finding = text(
        "By the log's own totals, the tokens are {stated} in number, but the tokens read are {read}.",
        stated=FormattedNumber(f"{stated:,}"),
        read=FormattedNumber(f"{read:,}"),
    )
    return Check(
        name=TOTALS_NAME,
        title=TOTALS_TITLE,
        state=CheckState.FAILED,
        finding=finding,
        causes=tuple(
            CheckCause(what=CAUSES[name][1], tokens=difference, rows=count) for name, (count, difference, _) in causes
        ),
    )


def _excludes_cached(log: PricedLog) -> bool:
    """Whether the format is known to have rows whose input, and total, exclude cached tokens."""
    form = FORMATS.get(log.source.format)
    return form is not None and bool(form.excludes_cached_when)


def _count_causes(log: PricedLog) -> dict[str, tuple[int, int, int]]:
    """Return for each cause its rows, stated minus read tokens, and the sum of the differences without their sign."""
    cases = " ".join(f"WHEN {condition} THEN '{name}'" for name, (condition, _) in CAUSES.items())
    rows = log.fetch_all(
        f"""SELECT CASE {cases} END AS cause, count(*), sum({_GAP})::BIGINT, sum(abs({_GAP}))::BIGINT
        FROM log.requests WHERE logged_tokens IS NOT NULL AND {_GAP} <> 0 GROUP BY cause"""
    )
    return {name: (count, difference, gap) for name, count, difference, gap in rows}


def check_context_windows(log: PricedLog) -> Check:
    if log.has_sums:
        finding = text("Rows sum up several requests, so they are not compared with context windows.")
        return Check(name=WINDOWS_NAME, title=WINDOWS_TITLE, state=CheckState.UNKNOWN, finding=finding)
    windows = _find_windows(log)
    if not windows:
        finding = text("The context windows of the log's models are not known.")
        return Check(name=WINDOWS_NAME, title=WINDOWS_TITLE, state=CheckState.UNKNOWN, finding=finding)
    model, tokens, window, rows = _measure_excess(log, windows)
    if not rows:
        finding = text("No request has more input than its model can take.")
        return Check(name=WINDOWS_NAME, title=WINDOWS_TITLE, state=CheckState.PASSED, finding=finding)
    finding = plural_text(
        "{n:,} row has more input tokens than its model can take: {tokens:,}, where {model} takes {window:,}.",
        "{n:,} rows have more input tokens than their model can take; the largest has {tokens:,}, where {model} takes "
        "{window:,}.",
        n=rows,
        tokens=tokens,
        model=model,
        window=window,
    )
    cause = CheckCause(what=text("rows that sum up several requests, or a column that was misread"), rows=rows)
    return Check(name=WINDOWS_NAME, title=WINDOWS_TITLE, state=CheckState.FAILED, finding=finding, causes=(cause,))


def _find_windows(log: PricedLog) -> dict[tuple[str, str | None], int]:
    windows: dict[tuple[str, str | None], int] = {}
    pricer = log.build_pricer()
    for model in log.prices.models:
        name = LogModel(key=model.key, model=model.model, provider=model.provider, requests=None, tokens=0)
        listed = pricer.find_model(name)
        if model.model and listed and (window := listed[1].context_window):
            windows[model.model, model.provider] = window
    return windows


def _measure_excess(log: PricedLog, windows: dict[tuple[str, str | None], int]) -> tuple[str, int, int, int]:
    """Return the largest row's model, its input and its model's window, and the number of rows above their window."""
    names = [model for model, _ in windows]
    providers = [provider for _, provider in windows]
    sizes = list(windows.values())
    ((model, tokens, window, rows),) = log.fetch_all(
        f"""WITH windows AS (
            SELECT unnest($models::VARCHAR[]) AS model, unnest($providers::VARCHAR[]) AS provider,
                unnest($sizes::BIGINT[]) AS tokens),
        tiers AS (
            SELECT model, provider, max(min_input) AS long FROM rates GROUP BY model, provider),
        fitted AS (
            SELECT w.model, w.provider,
                CASE WHEN t.long >= w.tokens THEN greatest(w.tokens, {LONG_WINDOW}) ELSE w.tokens END AS tokens
            FROM windows w LEFT JOIN tiers t
                ON w.model = t.model AND w.provider IS NOT DISTINCT FROM t.provider),
        above AS (
            SELECT r.model, fresh_input + cache_read + cache_write AS input, w.tokens AS size
            FROM log.requests r JOIN fitted w
                ON r.model = w.model AND r.provider IS NOT DISTINCT FROM w.provider
            WHERE fresh_input + cache_read + cache_write > w.tokens * {SLACK})
        SELECT coalesce(arg_max(model, input), ''), coalesce(max(input), 0), coalesce(arg_max(size, input), 0),
            count(*)
        FROM above""",
        {"models": names, "providers": providers, "sizes": sizes},
    )
    return model, tokens, window, rows


def check_unread_columns(log: PricedLog) -> Check:
    unread = log.source.unread
    if not unread:
        finding = text("Every column that seems to hold tokens, requests, tiers or costs was read.")
        return Check(name=UNREAD_NAME, title=UNREAD_TITLE, state=CheckState.PASSED, finding=finding)
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
    return Check(name=UNREAD_NAME, title=UNREAD_TITLE, state=CheckState.FAILED, finding=finding, causes=causes)


CHECKS: tuple[Callable[[PricedLog], Check], ...] = (
    check_stated_spend,
    check_token_totals,
    check_context_windows,
    check_unread_columns,
)
"""In the order of the report."""


def run_checks(log: PricedLog) -> Checks:
    return Checks(checks=tuple(check(log) for check in CHECKS))
