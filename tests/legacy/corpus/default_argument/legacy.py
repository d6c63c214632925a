"""Defaults that calls share."""


class ReportAgent:
    def __init__(self, name="report", context={}):  # expect: mutable-default
        self.parts = context

    async def execute(self, state, run_id, stream_updates, messages=[]):  # expect: mutable-default
        messages.append(state.user_request)
        state.messages = messages


def merged(extra, *, into=dict()):  # expect: mutable-default
    into.update(extra)
    return into
