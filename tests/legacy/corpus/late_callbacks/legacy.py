"""Callbacks of a loop that all see its last user."""

import asyncio


async def notify_all_later(users, loop, send):
    for user in users:
        loop.call_later(5, lambda: send(user))  # expect: late-closure


def makers(run_ids):
    return [lambda: run_id for run_id in run_ids]  # expect: late-closure


class ToolAgent:
    def __init__(self):
        self.handlers = {}

    def prepare(self, states):
        for state in states:
            async def handle(event):  # expect: late-closure
                await asyncio.sleep(0)
                state.messages.append(event)

            self.handlers[state.run_id] = handle
