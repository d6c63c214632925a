import pytest

from workloads.invoices.invoice import mentions_invoice


@pytest.mark.parametrize(
    ("question", "is_about"),
    [
        ("Does this match my invoice?", True),
        ("Why is my bill higher than this?", True),
        ("reconcile this with OpenAI", True),
        ("Stimmt das mit der Rechnung überein?", True),
        ("Cut my bill by 30 %", False),
        ("Where does my spend go?", False),
    ],
)
def test_it_tells_questions_about_the_invoice(question: str, is_about: bool) -> None:
    assert mentions_invoice(question) is is_about
