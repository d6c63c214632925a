"""Anthropic's costs: the API's report (https://platform.claude.com/docs/en/api/admin/cost_report), whose amounts are
cents as text, and the console's CSV in dollars."""

from decimal import Decimal

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

ANTHROPIC_COSTS_API = InvoiceFormat(
    name="anthropic_costs_api",
    title=text("Anthropic cost report (API)"),
    where=text("GET /v1/organizations/cost_report with group_by[]=description"),
    signature=frozenset({"starting_at", "amount", "currency"}),
    day=("starting_at",),
    amount=("amount",),
    currency=("currency",),
    model=("model",),
    item=("description",),
    kind=("token_type",),
    charge=("cost_type",),
    tier=("service_tier",),
    scale=Decimal("0.01"),
)
ANTHROPIC_COSTS_CSV = InvoiceFormat(
    name="anthropic_costs_csv",
    title=text("Anthropic costs (console)"),
    where=text("platform.claude.com, Cost, Export"),
    signature=frozenset({"usage_date_utc", "cost_usd", "model"}),
    day=("usage_date_utc",),
    amount=("cost_usd",),
    model=("model", "model_version"),
    kind=("token_type",),
    charge=("cost_type",),
    tier=("usage_type",),
    default_currency="USD",
)
