"""Whose turn it is, as an attribute of the class."""


class RequestContextManager:
    _current_user = None  # expect: class-state
    _sessions: dict = {}  # expect: class-state

    @classmethod
    def enter(cls, user, session):
        cls._current_user = user
        cls._sessions[user.id] = session

    @classmethod
    def user(cls):
        return cls._current_user


class Meter:
    _handlers = {}  # expect: class-state

    @classmethod
    def register(cls, name, function):
        cls._handlers[name] = function
