"""Names of accounts are found in a text, on either database."""

import pytest

from core.models import User
from operators.dispatcher import find_account_words
from tests.tools.disclosure_cases import taken_out
from tools.disclosure import PLACEHOLDER

pytestmark = pytest.mark.django_db

NAMES = (
    "Ana Lind",
    "\u00c9RIC \u00d6STLUND",
    "\u039d\u0399\u039a\u039f\u03a3",
    "Lind (billing)",
    "\u0416\u0430\u043d\u043d\u0430 \u041f.",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_display_name_is_withheld(name: str) -> None:
    User.objects.create(username="somebody", display_name=name)
    text = taken_out(f"It is {name} who asked.", find_account_words)
    assert PLACEHOLDER in text
    assert name.strip(".()").partition(" ")[0] not in text


def test_case_and_ids(db: None) -> None:
    user = User.objects.create(username="somebody", email="Ana@example.org")
    words = frozenset({"SOMEBODY", "ana@EXAMPLE.org", str(user.pk), user.pk.hex, "nobody"})
    assert find_account_words(words) == words - {"nobody"}
