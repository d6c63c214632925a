"""Find rows with more input than their model can take: such a row sums up requests, or was misread.

The windows are those of the price list (genai-prices)."""

from core.i18n.text import plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, CheckCause, CheckState
from workloads.pricing.pricer import LogModel

NAME, TITLE = "context_window", text("Context windows")
SLACK = 1.1  # the list rounds some windows down
LONG_WINDOW = 1_000_000  # of models whose list entry has the shorter of two windows


def check_context_windows(log: PricedLog) -> Check:
    if log.has_sums:
        finding = text("Rows sum up several requests, so they are not compared with context windows.")
        return Check(name=NAME, title=TITLE, state=CheckState.UNKNOWN, finding=finding)
    windows = _find_windows(log)
    if not windows:
        finding = text("The context windows of the log's models are not known.")
        return Check(name=NAME, title=TITLE, state=CheckState.UNKNOWN, finding=finding)
    model, tokens, window, rows = _measure_excess(log, windows)
    if not rows:
        finding = text("No request has more input than its model can take.")
        return Check(name=NAME, title=TITLE, state=CheckState.PASSED, finding=finding)
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
    return Check(name=NAME, title=TITLE, state=CheckState.FAILED, finding=finding, causes=(cause,))


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
