"""FOCUS, the FinOps Foundation's columns for bills, which AWS, Azure and Google Cloud export (https://focus.finops.org)."""

from core.i18n.text import text
from workloads.invoices.formats.base import InvoiceFormat

FOCUS = InvoiceFormat(
    name="focus",
    title=text("FOCUS (AWS, Azure, Google Cloud)"),
    where=text("the cloud's billing exports, as FOCUS"),
    signature=frozenset({"BilledCost", "BillingCurrency", "ChargePeriodStart"}),
    day=("ChargePeriodStart",),
    amount=("BilledCost",),
    currency=("BillingCurrency",),
    model=("x_Model", "x_model"),
    skus=("ChargeDescription", "SkuMeter", "SkuId"),
    charge=("ChargeCategory",),
    services=("ServiceCategory", "ServiceName"),
    service_words=(
        *("ai and machine learning", "bedrock", "openai", "foundry", "vertex ai", "gemini", "generative language"),
        *("anthropic", "claude", "gpt", "llm", "mistral", "deepseek", "llama", "token"),
    ),
)
