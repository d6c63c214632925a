"""The report's questions to the user, which no log can answer, and how to answer them."""

from collections.abc import Iterable

from core.i18n.text import Text, text
from workloads.analysis.estimate import Question
from workloads.report.formatting import ReportFormatter
from workloads.report.report import Report


def render_questions(report: Report, formatter: ReportFormatter) -> Iterable[str]:
    questions = [question for estimate in report.levers for question in estimate.questions]
    if not questions:
        return
    yield f"## {formatter.translate(text('Questions for you'))}"
    yield ""
    yield formatter.translate(text("Only you can answer these. Your answers are saved with the log."))
    yield ""
    yield from (f"- {formatter.translate(_describe_question(question, formatter))}" for question in questions)


def _describe_question(question: Question, formatter: ReportFormatter) -> Text:
    asked, found = formatter.to_prose(question.question), formatter.to_prose(question.finding)
    replies = {reply: formatter.to_prose(words) for reply, words in question.replies.items()}
    if question.answer is None and replies:
        return text(
            "{question} {finding}. Reply: {yes}, or: {no}.",
            question=asked,
            finding=found,
            yes=replies["yes"],
            no=replies["no"],
        )
    if question.answer is None:
        return text("{question} {finding}.", question=asked, finding=found)
    if question.answer:
        return text("{question} You said yes. {finding}.", question=asked, finding=found)
    return text("{question} You said no.", question=asked)
