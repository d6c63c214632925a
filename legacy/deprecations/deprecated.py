"""What marks a method of the old surface: each call is counted, and the caller warned."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def deprecated(instead: str) -> Callable[[F], F]:
    """Of an object whose `uses` counts them (legacy.deprecations.uses).

    At the call itself, also of a coroutine function: once it is awaited, its caller may be an event loop.
    """

    def mark(method: F) -> F:
        @wraps(method)
        def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.uses.used(method.__qualname__, instead)
            return method(self, *args, **kwargs)

        return cast(F, counted)

    return mark
