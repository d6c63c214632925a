"""Tables of no particular system: Netra's own columns, and any others."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.fields import FIELDS
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.usual_names import USUAL_NAMES

INTERCHANGEABLE_NAMES = frozenset(
    {
        *("prompttokens", "inputtokens", "prompttokencount", "inputtokencount"),
        *("completiontokens", "outputtokens", "candidatestokencount", "outputtokencount"),
        *("cachedtokens", "cachereadinputtokens", "cachedcontenttokencount", "cachereadinputtokencount"),
        *("cachedinputtokens", "promptcachehittokens", "inputcachedtokens", "cachecreationinputtokens"),
        *("cachewritetokens", "cachewriteinputtokens", "cachewriteinputtokencount", "inputcachecreation"),
        *("model", "totaltokens", "totaltokencount", "reasoningtokens", "thoughtstokencount", "inputcacheread"),
    }
)
"""Last keys, normalized, of the counts in answers of providers: one file may hold the answers of several."""

NETRA = Format(
    name="netra",
    title=text("Netra log"),
    signature=frozenset({"netra", "time", "model", "input_tokens", "output_tokens"}),
    fields=MappingProxyType({field: (field,) for field in FIELDS}),
    block_tokens=128,
)
"""One JSON object or CSV row per request, whose keys are the fields of `workloads.ingest.fields`."""

TABULAR = Format(
    name="tabular",
    title=text("Table (columns detected)"),
    is_guessed=True,
    interchangeable=INTERCHANGEABLE_NAMES,
    cached_tokens=CachedTokens.GUESSED,
    fields=USUAL_NAMES,
)
"""Any other table. Its columns are matched by the names that are common in logs."""
