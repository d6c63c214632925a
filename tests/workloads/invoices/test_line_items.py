import pytest

from workloads.invoices.invoice import LineKind
from workloads.invoices.line_items import parse_kind, parse_line_item

K = LineKind


@pytest.mark.parametrize(
    ("words", "model", "kind", "tier"),
    [
        ("gpt-4o-2024-08-06, input", "gpt-4o-2024-08-06", K.FRESH_INPUT, None),
        ("gpt-4o-2024-08-06, cached input", "gpt-4o-2024-08-06", K.CACHE_READ, None),
        ("gpt-4o-mini batch, output", "gpt-4o-mini", K.OUTPUT, "batch"),
        ("priority | gpt-5.6-sol, output, long context", "gpt-5.6-sol", K.OUTPUT, "priority"),
        ("gpt-audio-mini-2025-12-15 audio, input", "gpt-audio-mini-2025-12-15", K.FRESH_INPUT, None),
        ("web search tool calls", None, K.FEE, None),
        ("Vector storage", None, K.FEE, None),
        ("gpt-4o-search-preview, input", "gpt-4o-search-preview", K.FRESH_INPUT, None),
        ("Claude Sonnet 4.5 Usage - Input Tokens, Cache Hit", "Claude Sonnet 4.5", K.CACHE_READ, None),
        ("Claude Sonnet 4.5 Usage - Output Tokens", "Claude Sonnet 4.5", K.OUTPUT, None),
        ("VAT 19%", None, K.TAX, None),
        ("Promotional credits", None, K.CREDIT, None),
        ("gpt-4o", "gpt-4o", K.USAGE, None),
    ],
)
def test_it_reads_the_words_of_providers(words: str, model: str | None, kind: LineKind, tier: str | None) -> None:
    item = parse_line_item(words)
    assert (item.model, item.kind, item.tier) == (model, kind, tier)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("uncached_input_tokens", K.FRESH_INPUT),
        ("input_no_cache", K.FRESH_INPUT),
        ("cache_read_input_tokens", K.CACHE_READ),
        ("cache_creation.ephemeral_1h_input_tokens", K.CACHE_WRITE),
        ("input_cache_write_5m", K.CACHE_WRITE),
        ("output_tokens", K.OUTPUT),
        ("web_search", K.FEE),
        ("tokens", K.USAGE),
    ],
)
def test_it_reads_types_of_tokens(words: str, kind: LineKind) -> None:
    assert parse_kind(words) is kind
