"""Constants of the program may be remembered; what is somebody's has its owner in the key, or is not."""

from functools import cache, lru_cache

from app.database import query


@lru_cache(maxsize=1)
def get_settings():
    return query("settings")


@cache
def price_of(model):
    return query("prices", model)


@lru_cache
def preferences(user_id):
    return query("preferences", user_id)


@lru_cache
def default_user_agent():
    return "netra/1"


def chat_history(context, limit):
    return query("messages", context.user_id, limit)
