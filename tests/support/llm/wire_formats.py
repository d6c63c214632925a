"""Answers in the providers' wire formats: streaming and plain chat completions, and streaming Anthropic messages."""

import json
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any

from tests.support.llm.model_responses import Answer, Refusal, Request

USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
GARBAGE = b'data: {"choices": [{"delta"\n\n'


def error_body(refusal: Refusal) -> dict[str, Any]:
    return {"error": {"message": f"secret detail of {refusal.code}", "type": refusal.code, "code": refusal.code}}


def chat_stream(answer: Answer, request: Request) -> Iterable[bytes]:
    """Server-sent events: role, text deltas, tool call deltas in fragments, finish reason, usage, [DONE]."""
    yield _chunk(request, {"role": "assistant", "content": ""})
    for piece in answer.text:
        yield _chunk(request, {"content": piece})
    for place, call in enumerate(answer.calls):
        head = {"name": call.name, "arguments": ""}
        yield _tool_chunk(
            request, {"index": place, "id": _call_id(request, place), "type": "function", "function": head}
        )
    for fragments in zip_longest(*(_fragments(call.arguments) for call in answer.calls)):  # all calls at once
        for place, fragment in enumerate(fragments):
            if fragment is not None:
                yield _tool_chunk(request, {"index": place, "function": {"arguments": fragment}})
    if answer.then == "garble":
        yield GARBAGE
    if answer.then == "error":
        yield _event(error_body(Refusal(status=500)))
    if answer.then not in ("end", "length"):
        return
    yield _chunk(
        request, {}, finish=answer.then if answer.then == "length" else "tool_calls" if answer.calls else "stop"
    )
    if request.body.get("stream_options", {}).get("include_usage"):
        yield _event({**_head(request, "chat.completion.chunk"), "choices": [], "usage": USAGE})
    yield b"data: [DONE]\n\n"


def chat_json(answer: Answer, request: Request) -> bytes:
    made = [
        {
            "id": _call_id(request, place),
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments},
        }
        for place, call in enumerate(answer.calls)
    ]
    message = {"role": "assistant", "content": "".join(answer.text) or None} | ({"tool_calls": made} if made else {})
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if made else "stop"}
    return json.dumps({**_head(request, "chat.completion"), "choices": [choice], "usage": USAGE}).encode()


def anthropic_stream(answer: Answer, request: Request) -> Iterable[bytes]:
    """Server-sent events of the messages API: one content block for the text, one for each tool call."""
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": request.body["model"], "content": []}
    usage = {"input_tokens": 100, "output_tokens": 1}
    yield _format_event("message_start", message={**head, "stop_reason": None, "stop_sequence": None, "usage": usage})
    if answer.text:
        deltas = [{"type": "text_delta", "text": piece} for piece in answer.text]
        yield from _block(0, {"type": "text", "text": ""}, deltas)
    for place, call in enumerate(answer.calls, start=1):
        block = {"type": "tool_use", "id": f"toolu_{len(request.messages)}_{place}", "name": call.name, "input": {}}
        yield from _block(
            place, block, [{"type": "input_json_delta", "partial_json": each} for each in _fragments(call.arguments)]
        )
    if answer.then != "end":
        return
    stop = "tool_use" if answer.calls else "end_turn"
    yield _format_event(
        "message_delta", delta={"stop_reason": stop, "stop_sequence": None}, usage={"output_tokens": 10}
    )
    yield _format_event("message_stop")


def _block(index: int, block: dict[str, Any], deltas: list[dict[str, Any]]) -> Iterable[bytes]:
    yield _format_event("content_block_start", index=index, content_block=block)
    for delta in deltas:
        yield _format_event("content_block_delta", index=index, delta=delta)
    yield _format_event("content_block_stop", index=index)


def _format_event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def _head(request: Request, kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1_760_000_000, "model": request.body["model"]}


def _chunk(request: Request, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _event({**_head(request, "chat.completion.chunk"), "choices": [choice]})


def _tool_chunk(request: Request, call: dict[str, Any]) -> bytes:
    return _chunk(request, {"tool_calls": [call]})


def _event(data: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def _call_id(request: Request, place: int) -> str:
    return f"call_{len(request.messages)}_{place}"


def _fragments(text: str, size: int = 7) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
