"""Cost exports of those that sell tokens by the request: OpenAI, Anthropic and OpenRouter."""

from decimal import Decimal

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
"""The buckets of https://platform.openai.com/docs/api-reference/usage/costs."""
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
"""The report of https://platform.claude.com/docs/en/api/admin/cost_report, whose amounts are cents as text."""
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
"""The console's export, in dollars."""

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
"""The activity page. Costs are what OpenRouter charged."""
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
