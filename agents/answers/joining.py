"""Several answers as one: those to the questions of a sentence, and to a ranking with what is asked of its first."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.answers.answer import Answer, AnswerKind, Shown
from agents.language.reading import Reading
from agents.language.steps.members import MEMBER
from core.i18n.text import join_texts


def join_questions(reading: Reading, answers: Sequence[Answer]) -> Answer:
    """Return several answers as one. Of a ranking that was only needed to tell whom a question is about, the sentence
    comes first, and its figures after those that are asked for."""
    if reading.topic != MEMBER or answers[1].kind is not AnswerKind.ANSWER:
        return join_answers(answers)
    said = join_texts(" ", [answer.text for answer in answers])
    ranking, *asked = answers
    return replace(join_answers([*asked, replace(ranking, chart=None)]), text=said)


def join_answers(answers: Sequence[Answer]) -> Answer:
    """Return several answers as one; an answer if one of them is."""
    kinds = [answer.kind for answer in answers]
    return replace(
        answers[0],
        kind=AnswerKind.ANSWER if AnswerKind.ANSWER in kinds else kinds[0],
        text=join_texts(" ", [answer.text for answer in answers]),
        figures=tuple(figure for answer in answers for figure in answer.figures),
        tables=tuple(table for answer in answers for table in answer.tables),
        suggestions=tuple(dict.fromkeys(each for answer in answers for each in answer.suggestions)),
        shown=tuple(_shift_shown(answers)),
        notes=tuple(dict.fromkeys(note for answer in answers for note in answer.notes)),
    )


def _shift_shown(answers: Sequence[Answer]) -> Iterator[Shown]:
    """Yield how each answer's figures and tables were computed, by their places in the joined answer."""
    figures = tables = 0
    for answer in answers:
        for each in answer.shown:
            yield replace(
                each,
                figures=tuple(figures + place for place in each.figures),
                tables=tuple(tables + place for place in each.tables),
            )
        figures += len(answer.figures)
        tables += len(answer.tables)
