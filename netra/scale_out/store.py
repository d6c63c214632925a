"""The object store: a folder, or with --s3 a server that speaks S3 (moto's)."""

import sys
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from netra.config import BASE_DIR
from netra.scale_out.parts import ManagedProcess

BUCKET = "netra"


def build_folder_url(folder: Path) -> str:
    return (folder / "store").as_uri()


def build_s3_url(port: int) -> str:
    options = {
        "endpoint": f"http://127.0.0.1:{port}",
        "region": "us-east-1",
        "access_key_id": "none",
        "secret_access_key": "none",
    }
    return f"s3://{BUCKET}/{BUCKET}?" + "&".join(f"{name}={value}" for name, value in options.items())


def build_s3_part(folder: Path, port: int) -> ManagedProcess:
    record = folder / "s3.jsonl"
    record.touch(0o600)
    return ManagedProcess(
        name="store",
        command=(sys.executable, "-m", "netra.scale_out.s3_server", str(port), str(record)),
        stage=0,
        environment={"PYTHONPATH": str(BASE_DIR)},
        is_ready=partial(_create_bucket, port),
    )


def _create_bucket(port: int) -> bool:
    """Create the bucket, unless it is there. Return whether the server answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("PUT", f"/{BUCKET}")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
