from pathlib import Path

from agents.instructed import instructed
from netra.language.language import Language
from netra.language.languages import ENGLISH


def test_a_model_is_told_the_language_of_its_user() -> None:
    spoken = Language("pt-BR", Path("pt-BR.po"))
    assert instructed("Call it once.", ENGLISH) == "Call it once."
    said = "Call it once. Write what you say to the user in Portuguese (Brazil)."
    assert instructed("Call it once.", spoken) == said
