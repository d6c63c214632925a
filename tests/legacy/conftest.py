from abc import ABC

import pytest


@pytest.fixture(autouse=True)
def plain_abc() -> None:
    """Twisted, which tests of the server load, leaves an attribute on ABC that can't be read from an instance.

    libcst reads every attribute of its visitors. Code is migrated where no server is loaded.
    """
    for name in ("__provides__", "__implemented__"):
        if name in vars(ABC):
            delattr(ABC, name)
