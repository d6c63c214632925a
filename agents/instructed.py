"""What a language model is told to do, and in which language to say what it has found."""

from netra.language.language import Language


def instructed(instructions: str, language: Language) -> str:
    """The instructions, which are English; for a user of another language with the wish for an answer in it."""
    if language.path is None:
        return instructions
    return f"{instructions} Write what you say to the user in {language.english_name}."
