"""Whether the server of this container is ready, as the exit status. It answers only to the hosts of its settings."""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

TIMEOUT = 4  # seconds

origin = os.environ["NETRA_ORIGINS"].split(",")[0].strip()
host = os.environ.get("NETRA_HOSTS", "").split(",")[0].strip() or urlsplit(origin).netloc
connection = HTTPConnection("127.0.0.1", int(os.environ.get("NETRA_PORT", "8000")), timeout=TIMEOUT)
try:
    connection.request("GET", "/healthz/ready", headers={"Host": host})
    answer = connection.getresponse()
except (OSError, HTTPException) as error:
    sys.exit(f"It does not answer: {error}")
if answer.status != 200:
    sys.exit(f"It is not ready: {answer.status} {answer.read(1000)!r}")
