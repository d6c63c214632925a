"""Whose turn it is, as a variable of the module."""

current_user = None  # expect: module-state
current_state = None  # expect: module-state
_ready = False


def begin(user, state):
    global current_user, current_state, _ready
    current_user = user
    current_state = state
    _ready = True


def who():
    return current_user
