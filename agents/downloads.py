"""Files that a user downloads: a conversation as Markdown, with its questions and answers in order, and what is
computed from the log of a report when somebody asks for it, the FOCUS export."""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from agents import queries
from agents.models import Message, Run, RunState, Thread
from agents.queries import list_threads
from core.db import as_user
from core.i18n.language import Language
from core.i18n.text import Text, text
from workloads.child_process import ProcessLimits
from workloads.focus.export import export_focus
from workloads.pricing.assumptions import read_assumptions
from workloads.report.escaping import escape_terminal

MAX_MESSAGES = 1_000  # the latest of a conversation
MAX_CHARACTERS = 4_000_000  # of its questions and answers together
MESSAGES_PER_READ = 50
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and its answer in Markdown; without one, `failure` may say why."""

    question: str
    asked_at: datetime
    state: str
    answer: str
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """`exchanges` are the latest, oldest first; `complete` says whether they are all."""

    thread: Thread
    exchanges: tuple[Exchange, ...]
    complete: bool


def load_conversation(user_id: UUID, thread_id: UUID) -> Conversation:
    """Return a conversation's latest questions and answers. Raises NotFound if it is not the user's."""
    with as_user(user_id):
        thread = list_threads(user_id).get_for(user_id, thread_id)
        latest = Message.objects.for_user(user_id).filter(thread=thread).order_by("-created_at", "-id")
        messages = list(latest[: MAX_MESSAGES + 1])
        exchanges = list(_iter_within_size(_iter_exchanges(user_id, messages[:MAX_MESSAGES])))
    complete = len(exchanges) == len(messages)
    return Conversation(thread=thread, exchanges=tuple(reversed(exchanges)), complete=complete)


def _iter_exchanges(user_id: UUID, messages: Sequence[Message]) -> Iterator[Exchange]:
    """Yield the messages with their answers, which are read a few at a time."""
    for start in range(0, len(messages), MESSAGES_PER_READ):
        page = messages[start : start + MESSAGES_PER_READ]
        runs = Run.objects.for_user(user_id).filter(message__in=page)
        ended = {
            message_id: (state, ending or {})
            for message_id, state, ending in runs.values_list("message_id", "state", "ending")
        }
        for message in page:
            state, ending = ended.get(message.id, ("", {}))
            yield Exchange(
                question=message.text,
                asked_at=message.created_at,
                state=state,
                answer=str(ending.get("answer") or ""),
                failure=str(ending.get("message") or ""),
            )


def _iter_within_size(exchanges: Iterable[Exchange]) -> Iterator[Exchange]:
    """Yield the first exchanges, at least one, that have MAX_CHARACTERS together."""
    before = 0
    for exchange in exchanges:
        size = len(exchange.question) + len(exchange.answer) + len(exchange.failure)
        if before and before + size > MAX_CHARACTERS:
            return
        before += size
        yield exchange


def to_markdown(conversation: Conversation, language: Language) -> str:
    """Return the conversation as Markdown. Questions are text: none of their characters is markup."""
    parts = [f"# {_escape_line(conversation.thread.title)}"]
    if not conversation.complete:
        parts.append(f"*{language.translate(text('Earlier questions are left out.'))}*")
    for exchange in conversation.exchanges:
        parts += _list_parts(exchange, language)
    return "\n\n".join(parts) + "\n"


def _list_parts(exchange: Exchange, language: Language) -> Iterator[str]:
    yield "---"
    yield "\n".join(f"> {_escape_line(line)}" for line in exchange.question.splitlines())
    yield f"*{exchange.asked_at:%Y-%m-%d %H:%M} UTC*"
    yield exchange.answer or f"*{language.translate(_describe_missing_answer(exchange))}*"


def _describe_missing_answer(exchange: Exchange) -> Text:
    if exchange.state == RunState.FAILED and exchange.failure:
        return text("No answer: {why}", why=_escape_line(exchange.failure))
    return text("No answer.")


def _escape_line(line: str) -> str:
    return _MARKUP.sub(r"\\\1", escape_terminal(line))


def export_report_focus(
    user_id: UUID, run_id: UUID, *, data_dir: Path, limits: ProcessLimits, price_file: Path | None = None
) -> str:
    """Return the spend of a run's report as FOCUS CSV; its rows sum to the report's total.

    Raises NotFound for another user's run or one without a report, and as `export_focus`.
    """
    run, report = queries.get_run(user_id, run_id), queries.get_report(user_id, run_id)
    return export_focus(
        user_id,
        run.workload_id,
        read_assumptions(run.assumptions),
        total=(report.get("spend") or {}).get("total"),
        data_dir=data_dir,
        # Named like the scratch folder of a run, so that what a crash leaves behind is pruned.
        temp=data_dir / "scratch" / f"{run.id}-{time.time_ns()}",
        limits=limits,
        price_file=price_file,
    )
