"""A private server that speaks S3 (moto's) for the time of a block."""

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.parts.ports import free_port
from tests.support.patience import PATIENCE

BUCKET = "netra"


@dataclass(frozen=True, slots=True)
class S3:
    port: int

    def url(self, prefix: str, *, port: int | None = None, **options: str) -> str:
        """The setting of an installation whose objects are below a prefix; `port`: of a proxy in front of it."""
        settings = {
            "endpoint": f"http://127.0.0.1:{port or self.port}",
            "region": "us-east-1",
            "access_key_id": "tests",
            "secret_access_key": "of-the-tests",
            **options,
        }
        return f"s3://{BUCKET}/{prefix}?" + "&".join(f"{name}={value}" for name, value in settings.items())


@contextmanager
def s3() -> Iterator[S3]:
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _create_bucket(port, process)
        yield S3(port)
    finally:
        process.kill()
        process.wait()


def _create_bucket(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("PUT", f"/{BUCKET}")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise OSError("moto's server did not start")
