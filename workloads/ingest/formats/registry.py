"""The registry of log formats: a line for each. A vendor's formats are in one module, in a folder beside this one."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.ingest.formats.base import Format
from workloads.ingest.formats.coding.claude_code import CCUSAGE, CLAUDE_CODE, CLAUDE_CODE_REPORT
from workloads.ingest.formats.coding.codex import CODEX
from workloads.ingest.formats.coding.cursor import CURSOR
from workloads.ingest.formats.coding.github_copilot import GITHUB_COPILOT
from workloads.ingest.formats.gateways.cloudflare import CLOUDFLARE
from workloads.ingest.formats.gateways.helicone import HELICONE
from workloads.ingest.formats.gateways.litellm import LITELLM, LITELLM_DAILY, LITELLM_PAYLOAD
from workloads.ingest.formats.gateways.openrouter import OPENROUTER, OPENROUTER_ACTIVITY
from workloads.ingest.formats.gateways.portkey import PORTKEY
from workloads.ingest.formats.observability.datadog import DATADOG
from workloads.ingest.formats.observability.langfuse import LANGFUSE, LANGFUSE_DAILY
from workloads.ingest.formats.observability.langsmith import LANGSMITH
from workloads.ingest.formats.observability.mlflow import MLFLOW
from workloads.ingest.formats.observability.otel import OTEL
from workloads.ingest.formats.observability.phoenix import PHOENIX
from workloads.ingest.formats.observability.posthog import POSTHOG
from workloads.ingest.formats.observability.vercel_ai import VERCEL_AI
from workloads.ingest.formats.providers.anthropic import (
    ANTHROPIC_BATCH,
    ANTHROPIC_CONSOLE,
    ANTHROPIC_MESSAGES,
    ANTHROPIC_USAGE,
)
from workloads.ingest.formats.providers.azure_apim import AZURE_APIM
from workloads.ingest.formats.providers.bedrock import BEDROCK
from workloads.ingest.formats.providers.gemini import GEMINI, GEMINI_BATCH
from workloads.ingest.formats.providers.openai import (
    OPENAI_ACTIVITY,
    OPENAI_BATCH,
    OPENAI_CHAT,
    OPENAI_RESPONSES,
    OPENAI_USAGE,
)
from workloads.ingest.formats.tables import NETRA, TABULAR
from workloads.ingest.formats.traces import AZURE, BURSTGPT, MOONCAKE

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "anthropic_batch": ANTHROPIC_BATCH,
        "anthropic_console": ANTHROPIC_CONSOLE,
        "anthropic_messages": ANTHROPIC_MESSAGES,
        "anthropic_usage": ANTHROPIC_USAGE,
        "azure": AZURE,
        "azure_apim": AZURE_APIM,
        "bedrock": BEDROCK,
        "burstgpt": BURSTGPT,
        "ccusage": CCUSAGE,
        "claude_code": CLAUDE_CODE,
        "claude_code_report": CLAUDE_CODE_REPORT,
        "cloudflare": CLOUDFLARE,
        "codex": CODEX,
        "cursor": CURSOR,
        "datadog": DATADOG,
        "gemini": GEMINI,
        "gemini_batch": GEMINI_BATCH,
        "github_copilot": GITHUB_COPILOT,
        "helicone": HELICONE,
        "langfuse": LANGFUSE,
        "langfuse_daily": LANGFUSE_DAILY,
        "langsmith": LANGSMITH,
        "litellm": LITELLM,
        "litellm_daily": LITELLM_DAILY,
        "litellm_payload": LITELLM_PAYLOAD,
        "mlflow": MLFLOW,
        "mooncake": MOONCAKE,
        "netra": NETRA,
        "openai_activity": OPENAI_ACTIVITY,
        "openai_batch": OPENAI_BATCH,
        "openai_chat": OPENAI_CHAT,
        "openai_responses": OPENAI_RESPONSES,
        "openai_usage": OPENAI_USAGE,
        "openrouter": OPENROUTER,
        "openrouter_activity": OPENROUTER_ACTIVITY,
        "otel": OTEL,
        "phoenix": PHOENIX,
        "portkey": PORTKEY,
        "posthog": POSTHOG,
        "vercel_ai": VERCEL_AI,
        "tabular": TABULAR,
    }
)
"""Formats by name; a file that fits no signature is read as "tabular"."""
