"""The cost exports that can be read: one module and one line here for each; the first one that fits counts."""

from workloads.invoices.formats.anthropic_costs import ANTHROPIC_COSTS_API, ANTHROPIC_COSTS_CSV
from workloads.invoices.formats.aws_cur import AWS_CUR
from workloads.invoices.formats.azure_costs import AZURE_COSTS, AZURE_COSTS_USD
from workloads.invoices.formats.base import InvoiceFormat
from workloads.invoices.formats.focus import FOCUS
from workloads.invoices.formats.google_billing import GOOGLE_BILLING_EXPORT, GOOGLE_COST_TABLE
from workloads.invoices.formats.openai_costs import OPENAI_COSTS_API, OPENAI_COSTS_CSV
from workloads.invoices.formats.openrouter_activity import OPENROUTER_API, OPENROUTER_CSV
from workloads.invoices.formats.plain import PLAIN

INVOICE_FORMATS: tuple[InvoiceFormat, ...] = (
    OPENAI_COSTS_API,
    OPENAI_COSTS_CSV,
    ANTHROPIC_COSTS_API,
    ANTHROPIC_COSTS_CSV,
    OPENROUTER_CSV,
    OPENROUTER_API,
    FOCUS,
    AWS_CUR,
    AZURE_COSTS_USD,
    AZURE_COSTS,
    GOOGLE_BILLING_EXPORT,
    GOOGLE_COST_TABLE,
    PLAIN,
)
