"""Google Cloud's billing: the export to BigQuery, saved as JSON or as a table, and the console's cost table.

https://docs.cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage; `credits` are in a list of
their own beside the cost, and in the cost table on lines of their own. A SKU's description names the model and the kind
of tokens ("Generate content input token count gemini 2.5 flash short input text")."""

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

_WORDS = ("vertex ai", "gemini", "generative language", "agent platform", "claude", "anthropic")

GOOGLE_BILLING_EXPORT = InvoiceFormat(
    name="google_billing_export",
    title=text("Google Cloud billing export (BigQuery)"),
    where=text("Google Cloud console, Billing, Billing export, the table gcp_billing_export_v1"),
    signature=frozenset({"sku.description", "usage_start_time", "cost"}),
    other_signatures=(frozenset({"sku_description", "usage_start_time", "cost"}),),
    day=("usage_start_time",),
    amount=("cost",),
    currency=("currency",),
    skus=("sku.description", "sku_description"),
    charge=("cost_type",),
    credits=("credits",),
    services=("service.description", "service_description", "sku.description", "sku_description"),
    service_words=_WORDS,
)
GOOGLE_COST_TABLE = InvoiceFormat(
    name="google_cost_table",
    title=text("Google Cloud cost table"),
    where=text("Google Cloud console, Billing, Cost table, Download CSV"),
    signature=frozenset({"Service description", "SKU description", "Usage start date"}),
    day=("Usage start date",),
    amount=("Unrounded cost", "Cost", "Subtotal"),
    currency=("Currency",),
    skus=("SKU description",),
    charge=("Cost type",),
    credit_type=("Credit type",),
    services=("Service description", "SKU description"),
    service_words=_WORDS,
)
