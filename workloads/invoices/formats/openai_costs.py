"""OpenAI's costs: the API's buckets (https://platform.openai.com/docs/api-reference/usage/costs) and the
dashboard's CSV."""

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

OPENAI_COSTS_API = InvoiceFormat(
    name="openai_costs_api",
    title=text("OpenAI costs (API)"),
    where=text("GET /v1/organization/costs with group_by=line_item"),
    signature=frozenset({"amount.value", "amount.currency"}),
    day=("start_time",),
    amount=("amount.value",),
    currency=("amount.currency",),
    item=("line_item",),
)
OPENAI_COSTS_CSV = InvoiceFormat(
    name="openai_costs_csv",
    title=text("OpenAI costs (dashboard)"),
    where=text("platform.openai.com, Usage, Export, Cost"),
    signature=frozenset({"amount_value", "amount_currency"}),
    day=("start_time", "start_time_iso", "date"),
    amount=("amount_value",),
    currency=("amount_currency",),
    item=("line_item",),
)
