"""Files and folders that only the account that serves Netra may read."""

import os
import secrets
from pathlib import Path

from netra.core.exceptions import OperatorError


def private_folder(path: Path) -> Path:
    """The folder, made where it is missing, closed to everybody else. Raises OperatorError where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise OperatorError(f"The data folder {path} cannot be used: {error.strerror}.") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise OperatorError(f"The data folder {path} cannot be written.")
    return path


def write_new(path: Path, text: str) -> bool:
    """Write a private file that must not be there yet, whole or not at all. False where it is there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
