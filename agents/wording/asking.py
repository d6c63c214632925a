"""Have a language model answer a question in its words, over what tools returned.

Without a useful one nothing is lost: the answer of the rules is there already."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.answers.answer import Answer
from agents.answers.calls import build_turn
from agents.answers.two_logs import is_about_two_logs
from agents.framework.agent import BaseAgent
from agents.framework.deps import RunInput
from agents.history import EarlierQuestion
from agents.language.questions import KnownLogs
from agents.language.turns import Turn, load_turn
from agents.llm.turns import TurnLimits
from agents.wording.model_answer import UNVERIFIED, answer_without_model, compose_called, word_answer
from agents.wording.model_words import StreamMarker
from agents.wording.prompt import PromptExchange, build_prompt, condense_history
from core.exceptions import ModelUnavailable
from tools.dispatcher import ToolDispatcher, ToolResult
from tools.spending.budgets import BudgetExhausted

NAMES = frozenset(("describe_log",))
"""Tools that a model calls to learn names, not to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledAnswer:
    """The answer of the rules, what the next question may refer to, and the names of the log."""

    answer: Answer
    turn: Turn
    known: KnownLogs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """The answer to show, what the next question may refer to, and the model's messages as JSON."""

    answer: Answer
    turn: Turn
    messages: Any = None


async def answer_with_model(
    agent: BaseAgent[Any], dispatcher: ToolDispatcher, run_input: RunInput, ruled: RuledAnswer, limits: TurnLimits
) -> ModelAnswer:
    """Return the answer in the model's words, or that of the rules with the reason why the model has not answered.

    The model may call the dispatcher's tools. What they return goes before the rules' results.
    """
    mark = agent.language.translate(UNVERIFIED)
    spoken = agent.deps.question_reader.detect(run_input.ask)
    called = len(dispatcher.results)
    earlier = _list_exchanges(agent.deps.earlier, agent.deps.session.workload_id)
    history = await dispatcher.disclose_text(condense_history(earlier))
    try:
        turn = await agent.run_model(
            dispatcher,
            run_input,
            str,
            prompt=build_prompt(
                run_input.ask,
                history=history,
                results=dispatcher.results,
                zone=ruled.turn.reading.query.zone,
            ),
            limits=limits,
            revise=StreamMarker(dispatcher.results, mark, spoken),
        )
    except (ModelUnavailable, BudgetExhausted) as error:
        return ModelAnswer(answer=answer_without_model(ruled.answer, str(error)), turn=ruled.turn)
    base, next_turn = ruled.answer, ruled.turn
    own = _list_new_results(dispatcher.results, called)
    if own:
        base, reading = compose_called(own, dispatcher.tools, ruled.known)
        next_turn = ruled.turn if reading is None else build_turn(reading, [own[0].value])
    answer = await asyncio.to_thread(
        word_answer,
        base,
        turn.output,
        tuple(dispatcher.results),
        model=agent.deps.model_name,
        mark=mark,
        language=spoken,
    )
    if answer.unbacked:
        agent.deps.on_unbacked_figures(len(answer.unbacked))
    return ModelAnswer(answer=answer, turn=next_turn, messages=turn.messages)


def _list_exchanges(earlier: Sequence[EarlierQuestion], workload_id: UUID | None) -> list[PromptExchange]:
    """Return the conversation so far. Answers about other logs are left out: their private names are not known here."""
    return [
        PromptExchange(question=each.question, answer=each.answer if _is_about(each, workload_id) else "")
        for each in earlier
    ]


def _is_about(earlier: EarlierQuestion, workload_id: UUID | None) -> bool:
    return earlier.workload_id == workload_id and not is_about_two_logs(load_turn(earlier.turn).reading)


def _list_new_results(results: Sequence[ToolResult], called: int) -> list[ToolResult]:
    """Return what tools returned for the model's own calls, without those that the rules have made, and names."""
    before = [(each.tool, each.arguments) for each in results[:called]]
    return [each for each in results[called:] if each.tool not in NAMES and (each.tool, each.arguments) not in before]
