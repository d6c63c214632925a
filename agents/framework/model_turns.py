"""Agents' turns with a language model: what it is told, and what they do about one that fails: they go on without it,
by their offline plans."""

from collections.abc import Awaitable, Callable

from agents.llm.offline import follow_plan
from agents.llm.turns import ModelOutput, ModelRunner, ModelTurn
from core.exceptions import ModelUnavailable
from core.i18n.language import Language
from core.i18n.text import text

Start = Callable[[ModelRunner], Awaitable[ModelTurn[ModelOutput]]]


class ModelLoss:
    """Whether a run has lost its language model. One for all of its agents: a model that failed is not asked again."""

    def __init__(self) -> None:
        self.is_lost = False

    async def run_turn(
        self, start: Start[ModelOutput], model: ModelRunner, think: Callable[[str], Awaitable[None]]
    ) -> ModelTurn[ModelOutput]:
        """Run a turn with the model, or without it from its failure on. The user is told of the failure by `think`."""
        if not self.is_lost:
            try:
                return await start(model)
            except ModelUnavailable as error:
                self.is_lost = True
                await think(text("Continued without the language model. {reason}", reason=str(error)))
        return await start(follow_plan)


def localize_instructions(instructions: str, language: Language) -> str:
    """Ask for texts in the user's language at the end of the instructions, which are in English."""
    if language.path is None:
        return instructions
    return f"{instructions} Write what you say to the user in {language.english_name}."
