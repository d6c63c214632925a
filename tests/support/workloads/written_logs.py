"""One made-up log, written in the layouts of many systems: the same requests, as far as a layout can hold them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
START = datetime(2026, 11, 3, 8, 0, 7, 250_000, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUpRequest:
    """A request with disjoint buckets of tokens; `reasoning` is part of the output."""

    number: int
    time: datetime
    seconds: float
    model: str
    provider: str
    fresh: int
    read: int
    write: int
    output: int
    reasoning: int

    @property
    def id(self) -> str:
        return f"req-{self.number:04}"

    @property
    def input(self) -> int:
        return self.fresh + self.read + self.write

    @property
    def total(self) -> int:
        return self.input + self.output

    @property
    def iso(self) -> str:
        return self.time.isoformat().replace("+00:00", "Z")

    @property
    def end_iso(self) -> str:
        return (self.time + timedelta(seconds=self.seconds)).isoformat().replace("+00:00", "Z")

    @property
    def nanoseconds(self) -> int:
        return int(self.time.timestamp() * 1_000) * 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a system writes a request. `lacks`: what its rows can't hold, of read, write and model."""

    write: Callable[[MadeUpRequest], Row]
    format: str
    lacks: frozenset[str] = frozenset()
    is_spans: bool = False
    has_dates: bool = True


def make_up_log(seed: int = 1, rows: int = 24) -> tuple[MadeUpRequest, ...]:
    """Return requests of two models in order of time, with cached tokens in most."""
    random = Random(seed)
    log = []
    for number in range(rows):
        is_openai = random.random() < 0.5
        log.append(
            MadeUpRequest(
                number=number,
                time=START + timedelta(seconds=97 * number),
                seconds=random.randint(300, 9_000) / 1_000,
                model="gpt-4o-mini" if is_openai else "claude-haiku-4-5",
                provider="openai" if is_openai else "anthropic",
                fresh=random.randint(1, 9_000),
                read=random.choice((0, 1_024, 4_096, 12_288)),
                write=0 if is_openai else random.choice((0, 1_111, 3_333)),
                output=random.randint(201, 900),
                reasoning=random.randint(0, 200),
            )
        )
    return tuple(log)


def _write_chat(one: MadeUpRequest) -> Row:
    return {
        "id": one.id,
        "timestamp": one.iso,
        "model": one.model,
        "usage": {
            "prompt_tokens": one.input,
            "completion_tokens": one.output,
            "total_tokens": one.total,
            "prompt_tokens_details": {"cached_tokens": one.read, "cache_write_tokens": one.write},
            "completion_tokens_details": {"reasoning_tokens": one.reasoning},
        },
    }


def _write_response(one: MadeUpRequest) -> Row:
    return {
        "id": one.id,
        "object": "response",
        "timestamp": one.iso,
        "status": "completed",
        "model": one.model,
        "usage": {
            "input_tokens": one.input,
            "input_tokens_details": {"cached_tokens": one.read, "cache_write_tokens": one.write},
            "output_tokens": one.output,
            "output_tokens_details": {"reasoning_tokens": one.reasoning},
            "total_tokens": one.total,
        },
    }


def _write_message(one: MadeUpRequest) -> Row:
    return {
        "timestamp": one.iso,
        "id": one.id,
        "model": one.model,
        "usage": {
            "input_tokens": one.fresh,
            "cache_read_input_tokens": one.read,
            "cache_creation_input_tokens": one.write,
            "output_tokens": one.output,
        },
    }


def _write_gemini(one: MadeUpRequest) -> Row:
    return {
        "timestamp": one.iso,
        "responseId": one.id,
        "modelVersion": one.model,
        "usageMetadata": {
            "promptTokenCount": one.input,
            "cachedContentTokenCount": one.read,
            "candidatesTokenCount": one.output - one.reasoning,
            "thoughtsTokenCount": one.reasoning,
            "totalTokenCount": one.total,
        },
    }


def _write_bedrock(one: MadeUpRequest) -> Row:
    return {
        "schemaType": "ModelInvocationLog",
        "timestamp": one.iso,
        "requestId": one.id,
        "modelId": one.model,
        "input": {
            "inputTokenCount": one.fresh,
            "cacheReadInputTokenCount": one.read,
            "cacheWriteInputTokenCount": one.write,
        },
        "output": {"outputTokenCount": one.output},
    }


def _write_apim(one: MadeUpRequest) -> Row:
    return {
        "TimeGenerated": one.iso,
        "CorrelationId": f"c-{one.id}",
        "RequestId": one.id,
        "DeploymentName": "prod",
        "ModelName": one.model,
        "PromptTokens": one.input,
        "CompletionTokens": one.output,
        "TotalTokens": one.total,
    }


def _write_litellm(one: MadeUpRequest) -> Row:
    extra = {"cache_read_input_tokens": one.read, "cache_creation_input_tokens": one.write}
    return {
        "request_id": one.id,
        "call_type": "acompletion",
        "startTime": one.iso,
        "endTime": one.end_iso,
        "model": one.model,
        "custom_llm_provider": one.provider,
        "prompt_tokens": one.input,
        "completion_tokens": one.output,
        "total_tokens": one.total,
        "metadata": {"additional_usage_values": extra},
        "cache_hit": "False",
        "status": "success",
    }


def _write_payload(one: MadeUpRequest) -> Row:
    details = {"cached_tokens": one.read}
    return {
        "id": one.id,
        "call_type": "acompletion",
        "response_cost": 0.25,
        "startTime": one.time.timestamp(),
        "endTime": one.time.timestamp() + one.seconds,
        "model": one.model,
        "custom_llm_provider": one.provider,
        "prompt_tokens": one.input,
        "completion_tokens": one.output,
        "total_tokens": one.total,
        "metadata": {
            "usage_object": {"prompt_tokens_details": details, "cache_creation_input_tokens": one.write},
        },
        "cache_hit": False,
    }


def _write_openrouter(one: MadeUpRequest) -> Row:
    return {
        "generation_id": one.id,
        "created_at": one.iso,
        "cost_total": 0.125,
        "tokens_prompt": one.input,
        "tokens_completion": one.output,
        "tokens_reasoning": one.reasoning,
        "tokens_cached": one.read,
        "model_permaslug": one.model,
        "generation_time_ms": one.seconds * 1_000,
    }


def _write_portkey(one: MadeUpRequest) -> Row:
    return {
        "id": one.id,
        "created_at": one.iso,
        "ai_org": one.provider,
        "ai_model": one.model,
        "req_units": one.input,
        "res_units": one.output,
        "total_units": one.total,
        "cost": 1.5,
        "response_time": one.seconds * 1_000,
    }


def _write_helicone(one: MadeUpRequest) -> Row:
    is_exclusive = one.provider == "anthropic"
    return {
        "response_id": one.id,
        "request_created_at": one.iso,
        "response_created_at": one.end_iso,
        "response_status": 200,
        "provider": one.provider.upper(),
        "model": one.model,
        "prompt_tokens": one.fresh if is_exclusive else one.input,
        "prompt_cache_read_tokens": one.read,
        "prompt_cache_write_tokens": one.write,
        "completion_tokens": one.output,
        "delay_ms": one.seconds * 1_000,
    }


def _write_langfuse(one: MadeUpRequest) -> Row:
    return {
        "id": one.id,
        "traceId": f"t-{one.id}",
        "type": "GENERATION",
        "startTime": one.iso,
        "endTime": one.end_iso,
        "model": one.model,
        "usageDetails": {
            "input": one.fresh,
            "input_cached_tokens" if one.provider == "openai" else "input_cache_read": one.read,
            "input_cache_creation": one.write,
            "output": one.output - one.reasoning,
            "output_reasoning_tokens": one.reasoning,
            "total": one.total,
        },
        "latency": one.seconds,
        "level": "DEFAULT",
    }


def _write_langsmith(one: MadeUpRequest) -> Row:
    return {
        "id": one.id,
        "run_type": "llm",
        "start_time": one.iso,
        "end_time": one.end_iso,
        "trace_id": f"t-{one.id}",
        "parent_run_id": f"p-{one.id}",
        "status": "success",
        "extra": {"metadata": {"ls_model_name": one.model}},
        "prompt_tokens": one.input,
        "prompt_token_details": {"cache_read": one.read, "cache_creation": one.write},
        "completion_tokens": one.output,
        "total_tokens": one.total,
    }


def _write_phoenix(one: MadeUpRequest) -> Row:
    return {
        "name": "ChatCompletion",
        "context": {"span_id": one.id, "trace_id": f"t-{one.id}"},
        "span_kind": "LLM",
        "start_time": one.iso,
        "end_time": one.end_iso,
        "attributes": {
            "llm": {
                "model_name": one.model,
                "token_count": {
                    "prompt": one.input,
                    "completion": one.output,
                    "total": one.total,
                    "prompt_details": {"cache_read": one.read, "cache_write": one.write},
                },
            }
        },
    }


def _write_mlflow(one: MadeUpRequest) -> Row:
    usage = {"input_tokens": one.input, "output_tokens": one.output, "total_tokens": one.total}
    return {
        "info": {
            "trace_id": one.id,
            "request_time": one.iso,
            "state": "OK",
            "trace_metadata": {"mlflow.trace.tokenUsage": json.dumps(usage)},
        }
    }


def _list_attributes(one: MadeUpRequest, *, write: str) -> Row:
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.model": one.model,
        "gen_ai.response.id": one.id,
        "gen_ai.usage.input_tokens": one.input,
        "gen_ai.usage.cache_read.input_tokens": one.read,
        f"gen_ai.usage.{write}.input_tokens": one.write,
        "gen_ai.usage.output_tokens": one.output,
    }


def _write_span(one: MadeUpRequest) -> Row:
    return {
        "name": f"chat {one.model}",
        "trace_id": f"t-{one.id}",
        "span_id": one.id,
        "start_time": one.iso,
        "end_time": one.end_iso,
        "attributes": _list_attributes(one, write="cache_write"),
    }


def _write_otlp_span(one: MadeUpRequest) -> Row:
    attributes = _list_attributes(one, write="cache_creation")
    return {
        "name": f"chat {one.model}",
        "traceId": f"t-{one.id}",
        "spanId": one.id,
        "startTimeUnixNano": str(one.nanoseconds),
        "endTimeUnixNano": str(one.nanoseconds + 1_000_000_000),
        "attributes": [
            {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
            for key, value in attributes.items()
        ],
    }


def _write_old_span(one: MadeUpRequest) -> Row:
    return {
        "trace_id": f"t-{one.id}",
        "timestamp": one.iso,
        "gen_ai.response.model": one.model,
        "gen_ai.usage.prompt_tokens": one.input,
        "gen_ai.usage.completion_tokens": one.output,
        "gen_ai.usage.cache_read_input_tokens": one.read,
        "gen_ai.usage.cache_creation_input_tokens": one.write,
        "llm.usage.total_tokens": one.total,
    }


def _write_vercel(one: MadeUpRequest) -> Row:
    return {
        "name": "ai.generateText.doGenerate",
        "span_id": one.id,
        "start_time": one.iso,
        "attributes": {
            "ai.model.id": one.model,
            "ai.response.id": one.id,
            "ai.usage.inputTokens": one.input,
            "ai.usage.cachedInputTokens": one.read,
            "ai.usage.outputTokens": one.output,
            "ai.usage.totalTokens": one.total,
        },
    }


def _write_claude_code(one: MadeUpRequest) -> Row:
    return {
        "type": "assistant",
        "uuid": f"u-{one.id}",
        "sessionId": "s1",
        "timestamp": one.iso,
        "message": {
            "id": one.id,
            "model": one.model,
            "usage": {
                "input_tokens": one.fresh,
                "cache_read_input_tokens": one.read,
                "cache_creation_input_tokens": one.write,
                "output_tokens": one.output,
            },
        },
    }


def _write_cursor(one: MadeUpRequest) -> Row:
    return {
        "Date": one.iso,
        "Kind": "On-Demand",
        "Model": one.model,
        "Max Mode": "No",
        "Input (w/ Cache Write)": one.write,
        "Input (w/o Cache Write)": one.fresh,
        "Cache Read": one.read,
        "Output Tokens": one.output,
        "Total Tokens": one.total,
    }


def _write_netra(one: MadeUpRequest) -> Row:
    return {
        "netra": 1,
        "time": one.iso,
        "request_id": one.id,
        "model": one.model,
        "input_tokens": one.input,
        "cached_tokens": one.read,
        "cache_write_tokens": one.write,
        "output_tokens": one.output,
    }


def _write_azure(one: MadeUpRequest) -> Row:
    return {"TIMESTAMP": one.iso, "ContextTokens": one.input, "GeneratedTokens": one.output}


def _write_mooncake(one: MadeUpRequest) -> Row:
    return {"timestamp": one.number * 97_000, "input_length": one.input, "output_length": one.output, "hash_ids": [1]}


def _write_table(one: MadeUpRequest) -> Row:
    return {
        "Timestamp": one.iso,
        "Request ID": one.id,
        "Model": one.model,
        "Prompt tokens": one.input,
        "Cached tokens": one.read,
        "Cache write tokens": one.write,
        "Completion tokens": one.output,
    }


_NO_CACHE = frozenset({"read", "write"})
_NO_WRITES = frozenset({"write"})

LAYOUTS: Mapping[str, Layout] = {
    "chat": Layout(write=_write_chat, format="openai_chat"),
    "responses": Layout(write=_write_response, format="openai_responses"),
    "messages": Layout(write=_write_message, format="anthropic_messages"),
    "gemini": Layout(write=_write_gemini, format="gemini", lacks=_NO_WRITES),
    "bedrock": Layout(write=_write_bedrock, format="bedrock"),
    "apim": Layout(write=_write_apim, format="azure_apim", lacks=_NO_CACHE),
    "litellm": Layout(write=_write_litellm, format="litellm"),
    "litellm payload": Layout(write=_write_payload, format="litellm_payload"),
    "openrouter": Layout(write=_write_openrouter, format="openrouter", lacks=_NO_WRITES),
    "portkey": Layout(write=_write_portkey, format="portkey", lacks=_NO_CACHE),
    "helicone": Layout(write=_write_helicone, format="helicone"),
    "langfuse": Layout(write=_write_langfuse, format="langfuse"),
    "langsmith": Layout(write=_write_langsmith, format="langsmith"),
    "phoenix": Layout(write=_write_phoenix, format="phoenix"),
    "mlflow": Layout(write=_write_mlflow, format="mlflow", lacks=_NO_CACHE | {"model"}),
    "spans": Layout(write=_write_span, format="otel"),
    "otlp": Layout(write=_write_otlp_span, format="otel", is_spans=True),
    "old spans": Layout(write=_write_old_span, format="otel"),
    "vercel": Layout(write=_write_vercel, format="vercel_ai", lacks=_NO_WRITES),
    "claude code": Layout(write=_write_claude_code, format="claude_code"),
    "cursor": Layout(write=_write_cursor, format="cursor"),
    "netra": Layout(write=_write_netra, format="netra"),
    "azure": Layout(write=_write_azure, format="azure", lacks=_NO_CACHE | {"model"}),
    "mooncake": Layout(write=_write_mooncake, format="mooncake", lacks=_NO_CACHE | {"model"}, has_dates=False),
    "table": Layout(write=_write_table, format="tabular"),
}
"""By name; layouts of sums and of sessions that need their order are not among them."""


def write_rows(layout: Layout, log: Sequence[MadeUpRequest]) -> list[Row]:
    """Return the log's rows in that layout."""
    return [layout.write(one) for one in log]
