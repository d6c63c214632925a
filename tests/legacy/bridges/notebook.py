"""A module of a team's that no bridge looks into: it keeps for everybody what it is given."""

QUESTIONS: list[str] = []


def remembered(question: str) -> list[str]:
    """All so far."""
    QUESTIONS.append(question)
    return QUESTIONS
