"""Defaults that nobody changes."""


class ReportAgent:
    def __init__(self, name="report", tags=()):
        self.tags = tags

    async def execute(self, run_input, messages=None, columns=["day", "cost"]):
        messages = list(messages or [])
        messages.append(run_input.text)
        return [messages, [each.upper() for each in columns]]


def merged(extra, into={}):
    into = dict(into)
    into.update(extra)
    return into
