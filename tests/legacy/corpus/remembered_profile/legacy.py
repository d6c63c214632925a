"""Functions that remember what they answered the first caller."""

from functools import cache, lru_cache

from app.database import query


@lru_cache(maxsize=128)
def get_current_user_preferences():  # expect: memoised-function
    return query("preferences")


@cache
def summary_of(state):  # expect: memoised-function
    return state.user_request[:80]


class MemoryAgent:
    @lru_cache
    def chat_history(self, limit):  # expect: memoised-function
        return query("messages", limit)
