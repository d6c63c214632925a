"""Conversations that the module keeps, for everybody."""

from collections import defaultdict

HISTORY = defaultdict(list)  # expect: module-state
DEFAULTS = {"model": "small"}
_active_runs: dict = {}  # expect: module-state
_prices = {}  # expect: module-state


class ChatAgent:
    async def execute(self, state, run_id, stream_updates):
        HISTORY[state.chat_thread_id].append(state.user_request)
        _active_runs[run_id] = state
        model = DEFAULTS["model"]
        _prices[model] = 3


def forget(run_id):
    _active_runs.pop(run_id, None)
