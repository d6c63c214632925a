"""Any other table: columns are matched by the names that are common in logs."""

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.usual_names import INTERCHANGEABLE_NAMES, USUAL_NAMES

TABULAR = Format(
    name="tabular",
    title=text("Table (columns detected)"),
    is_guessed=True,
    interchangeable=INTERCHANGEABLE_NAMES,
    cached_tokens=CachedTokens.GUESSED,
    fields=USUAL_NAMES,
)
