"""Whose turn it is, as an argument."""

_ready = False
current_user = None


def begin(user, state):
    global _ready
    _ready = True
    current_user = user
    return current_user, state


def who(context):
    return context.user_id
