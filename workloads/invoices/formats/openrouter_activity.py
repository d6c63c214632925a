"""OpenRouter's activity, whose costs are what OpenRouter charged: the CSV of the activity page and the API's days."""

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

OPENROUTER_CSV = InvoiceFormat(
    name="openrouter_activity_csv",
    title=text("OpenRouter activity (CSV)"),
    where=text("openrouter.ai, Activity, Export"),
    signature=frozenset({"generation_id", "cost_total"}),
    day=("created_at",),
    amount=("cost_total",),
    model=("model_permaslug",),
    default_currency="USD",
)
OPENROUTER_API = InvoiceFormat(
    name="openrouter_activity_api",
    title=text("OpenRouter activity (API)"),
    where=text("GET /api/v1/activity"),
    signature=frozenset({"date", "usage", "model_permaslug"}),
    day=("date",),
    amount=("usage",),
    model=("model_permaslug", "model"),
    default_currency="USD",
)
