"""Bills of the clouds, in the layout of each: what is for language models, by model and kind of tokens."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from workloads.invoices.invoice import BilledCosts, LineKind
from workloads.invoices.line_items import parse_sku
from workloads.invoices.reading import read_invoice
from workloads.invoices.reconcile import ModelKeys
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_list import PriceList
from workloads.pricing.pricer import Pricer

D, K = Decimal, LineKind
FIRST = date(2026, 11, 1)


def read(folder: Path, content: str, suffix: str = "csv") -> BilledCosts:
    (path := folder / f"bill.{suffix}").write_text(content)
    return read_invoice(path, name=path.name, work=folder)


def list_lines(invoice: BilledCosts) -> set[tuple[Any, ...]]:
    return {(line.day, line.model, line.kind, line.tier, line.amount) for line in invoice.lines}


CUR = (
    ("lineItem/UsageStartDate", "line_item_usage_start_date"),
    ("lineItem/LineItemType", "line_item_line_item_type"),
    ("lineItem/ProductCode", "line_item_product_code"),
    ("product/ProductName", "product_product_name"),
    ("lineItem/UsageType", "line_item_usage_type"),
    ("lineItem/LineItemDescription", "line_item_line_item_description"),
    ("lineItem/UsageAmount", "line_item_usage_amount"),
    ("lineItem/CurrencyCode", "line_item_currency_code"),
    ("lineItem/UnblendedCost", "line_item_unblended_cost"),
)
CUR_ROWS = """
2026-11-01T00:00:00Z,Usage,AmazonBedrock,Amazon Bedrock,USE1-Claude4.5Sonnet-input-tokens,$0.003 per 1K,400,USD,1.2
2026-11-01T01:00:00Z,Usage,AmazonBedrock,Amazon Bedrock,USE1-Claude4.5Sonnet-input-tokens,$0.003 per 1K,100,USD,0.3
2026-11-01T00:00:00Z,Usage,AmazonBedrock,Amazon Bedrock,USW2-Claude4.5Sonnet-cache-read-input-token-count,c,9,USD,0.05
2026-11-01T00:00:00Z,Usage,AmazonBedrock,Amazon Bedrock,USW2-Claude4.5Sonnet-cache-write-input-token-count,w,1,USD,0.07
2026-11-01T00:00:00Z,Usage,AmazonBedrock,Amazon Bedrock,USE1-Nova2.0Lite-output-tokens-batch,half,1,USD,0.02
2026-11-01T00:00:00Z,Usage,x1y2,Claude Haiku 4.5 (Amazon Bedrock Edition),MP:USE1_OutputTokenCount-Units,m,1,USD,0.5
2026-11-01T00:00:00Z,Tax,AmazonBedrock,Amazon Bedrock,,US Sales Tax,1,USD,0.4
2026-11-01T00:00:00Z,EdpDiscount,AmazonBedrock,Amazon Bedrock,USE1-Claude4.5Sonnet-input-tokens,EDP,1,USD,-0.1
2026-11-01T00:00:00Z,Usage,AmazonEC2,Amazon Elastic Compute Cloud,BoxUsage:m5.large,hours,24,USD,99
"""


@pytest.mark.parametrize("generation", [0, 1])
def test_aws(tmp_path: Path, generation: int) -> None:
    invoice = read(tmp_path, ",".join(names[generation] for names in CUR) + CUR_ROWS)
    assert (invoice.format, invoice.currency) == ("aws_cur", "USD")
    assert list_lines(invoice) == {
        (FIRST, "claude-4.5-sonnet", K.FRESH_INPUT, None, D("1.5")),
        (FIRST, "claude-4.5-sonnet", K.CACHE_READ, None, D("0.05")),
        (FIRST, "claude-4.5-sonnet", K.CACHE_WRITE, None, D("0.07")),
        (FIRST, "amazon.nova-2-lite", K.OUTPUT, "batch", D("0.02")),
        (FIRST, "claude-haiku-4.5", K.OUTPUT, None, D("0.5")),
        (FIRST, None, K.TAX, None, D("0.4")),
        (FIRST, None, K.CREDIT, None, D("-0.1")),
    }
    assert [str(note) for note in invoice.notes] == ["1 line for another service was left out (AmazonEC2)."]


AZURE_ROWS = """
11/02/2026,Foundry Models,Azure OpenAI,gpt-4o-0806-Inp-glbl Tokens,Azure OpenAI,EUR,2.30,Usage
11/02/2026,Foundry Models,Azure OpenAI,gpt-4o-0806-cached-Inp-glbl Tokens,Azure OpenAI,EUR,0.20,Usage
11/14/2026,Foundry Models,Azure OpenAI,gpt 4.1 mini Outp Batch glbl Tokens,Azure OpenAI,EUR,0.5,Usage
11/14/2026,Foundry Models,Azure OpenAI,Provisioned Managed Global Unit,Azure OpenAI,EUR,24,Usage
11/14/2026,Foundry Models,Azure OpenAI,gpt-4o-0806-Inp-glbl Tokens,Azure OpenAI,EUR,-1,Refund
11/14/2026,Storage,Tables,LRS Data Stored,Storage,EUR,7,Usage
"""


def test_azure_in_the_billing_currency(tmp_path: Path) -> None:
    head = (
        "Date,MeterCategory,MeterSubCategory,MeterName,ProductName,BillingCurrencyCode,CostInBillingCurrency,ChargeType"
    )
    invoice = read(tmp_path, head + AZURE_ROWS)
    assert (invoice.format, invoice.currency, invoice.total) == ("azure_costs", "EUR", D(26))
    assert list_lines(invoice) == {
        (date(2026, 11, 2), "gpt-4o", K.FRESH_INPUT, None, D("2.30")),
        (date(2026, 11, 2), "gpt-4o", K.CACHE_READ, None, D("0.20")),
        (date(2026, 11, 14), "gpt-4.1-mini", K.OUTPUT, "batch", D("0.5")),
        (date(2026, 11, 14), None, K.FEE, None, D(24)),
        (date(2026, 11, 14), None, K.CREDIT, None, D(-1)),
    }


def test_azure_in_dollars_where_it_states_them(tmp_path: Path) -> None:
    rows = "date,meterCategory,meterSubCategory,meterName,costInBillingCurrency,billingCurrency,costInUsd,chargeType\n"
    rows += "2026-11-01,Cognitive Services,Azure OpenAI,gpt 5 mini Inp glbl 1M Tokens,0.90,EUR,1.00,Usage\n"
    invoice = read(tmp_path, rows)
    assert (invoice.format, invoice.currency) == ("azure_costs_usd", "USD")
    assert list_lines(invoice) == {(FIRST, "gpt-5-mini", K.FRESH_INPUT, None, D("1.00"))}


def google_row(service: str, sku: str, cost: float, *deducted: float, **values: Any) -> dict[str, Any]:
    return {
        "service": {"id": "x", "description": service},
        "sku": {"id": "y", "description": sku},
        "usage_start_time": "2026-11-01 07:00:00 UTC",
        "cost": cost,
        "currency": "USD",
        "cost_type": "regular",
        "credits": [{"name": "c", "full_name": "a credit", "type": "PROMOTION", "amount": one} for one in deducted],
        **values,
    }


def test_google_export_with_its_credits(tmp_path: Path) -> None:
    rows = (
        google_row(
            "Gemini API", "Generate content input token count gemini 2.5 flash short input text", 3.0, -1.0, -0.5
        ),
        google_row("Gemini API", "Generate content cached input token count gemini 2.5 flash short input text", 0.25),
        google_row("Vertex AI", "Gemini 2.5 Pro Thinking Text Output - Predictions", 2.0),
        google_row("Vertex AI", "Gemini 2.5 Pro Input Text Caching Storage", 0.125),
        google_row("Vertex AI", "Tax", 0.5, cost_type="tax"),
        google_row("Compute Engine", "N1 Predefined Instance Core", 50.0, -9.0),
    )
    invoice = read(tmp_path, "\n".join(map(json.dumps, rows)), "jsonl")
    assert (invoice.format, invoice.currency) == ("google_billing_export", "USD")
    assert list_lines(invoice) == {
        (FIRST, "gemini-2.5-flash", K.FRESH_INPUT, None, D(3)),
        (FIRST, "gemini-2.5-flash", K.CACHE_READ, None, D("0.25")),
        (FIRST, "gemini-2.5-pro", K.OUTPUT, None, D(2)),
        (FIRST, None, K.FEE, None, D("0.125")),
        (FIRST, None, K.TAX, None, D("0.5")),
        (FIRST, None, K.CREDIT, None, D("-1.5")),
    }


def test_google_cost_table(tmp_path: Path) -> None:
    rows = (
        "Billing account name,Project ID,Service description,Service ID,SKU description,SKU ID,Credit type,Cost type,"
        "Usage start date,Usage end date,Unrounded cost ($),Cost ($)\n"
        "a,p,Vertex AI,1,Gemini 2.5 Flash GA Text Input - Predictions,2,,Usage,2026-11-01,2026-11-02,1.2345,1.23\n"
        "a,p,Vertex AI,1,Gemini 2.5 Flash GA Text Input - Predictions,2,PROMOTION,Usage,2026-11-01,2026-11-02,"
        "-0.2,-0.20\n"
    )
    invoice = read(tmp_path, rows)
    assert (invoice.format, invoice.currency) == ("google_cost_table", "USD")
    assert list_lines(invoice) == {
        (FIRST, "gemini-2.5-flash", K.FRESH_INPUT, None, D("1.2345")),
        (FIRST, None, K.CREDIT, None, D("-0.2")),
    }


def test_a_bill_without_language_models_is_refused(tmp_path: Path) -> None:
    head, *_, last = (",".join(names[0] for names in CUR) + CUR_ROWS).strip().splitlines()
    with pytest.raises(BadInput, match="The file.s 1 line isn.t for language models.*AmazonEC2"):
        read(tmp_path, f"{head}\n{last}\n")


@pytest.mark.parametrize(
    ("sku", "logged"),
    [
        ("USE1-Claude4.5Sonnet-input-tokens", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("USE1-Claude4Sonnet-output-tokens-cross-region-global", "anthropic.claude-sonnet-4-20250514-v1:0"),
        ("Claude 3.5 Haiku (Amazon Bedrock Edition) USE1-MP:USE1_InputTokenCount-Units", "claude-3-5-haiku-20241022"),
        ("USE1-NovaPro-input-tokens", "amazon.nova-pro-v1:0"),
        ("gpt-4o-mini-0718-Outp-glbl Tokens", "gpt-4o-mini-2024-07-18"),
        ("o3 mini 0131 Inp glbl Tokens", "o3-mini-2025-01-31"),
        ("Gemini 2.5 Flash Lite GA Text Input - Predictions", "gemini-2.5-flash-lite"),
        ("text-embedding-3-large-glbl Tokens", "text-embedding-3-large"),
    ],
)
def test_a_sku_is_the_model_of_the_log(sku: str, logged: str) -> None:
    keys = ModelKeys(Pricer(price_list=PriceList(), assumptions=Assumptions(), fixed_date=None))
    assert keys.get_key(parse_sku(sku).model, None) == keys.get_key(logged, None)
