"""A language model's server that takes every question and never answers: a run that asks it is under way for good."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def silent_model() -> Iterator[Mapping[str, str]]:
    """The settings of a server that asks it."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        yield {"model": "openai:silent", "model_base_url": address, "model_api_key": "none"}
