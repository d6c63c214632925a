from pathlib import Path

from agents.framework.model_turns import localize_instructions
from core.i18n.language import ENGLISH, Language


def test_the_instructions_name_the_users_language() -> None:
    spoken = Language("pt-BR", Path("pt-BR.po"))
    assert localize_instructions("Call it once.", ENGLISH) == "Call it once."
    said = "Call it once. Write what you say to the user in Portuguese (Brazil)."
    assert localize_instructions("Call it once.", spoken) == said
