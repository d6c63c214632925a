"""A team's module, which no bridge inspects: it stores the questions of all users."""

QUESTIONS: list[str] = []


def remember(question: str) -> list[str]:
    """Return all questions so far."""
    QUESTIONS.append(question)
    return QUESTIONS
