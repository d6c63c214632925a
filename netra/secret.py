"""The key that signs sessions and links."""

import secrets
from pathlib import Path

from netra.environment import BrokenSettings, Environment

KEPT_AS = "secret_key"


def key(environment: Environment) -> str:
    """NETRA_SECRET_KEY; in development also the one that `manage.py run` keeps in the data folder.

    Without either one that lasts as long as the process: nothing signed outlives it.
    """
    if environment.secret_key is not None and (given := environment.secret_key.get_secret_value().strip()):
        return given
    kept = None if environment.production else _kept(environment.data_dir / KEPT_AS)
    return kept or secrets.token_urlsafe(48)


def _kept(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenSettings(f"The secret key in {file} cannot be read: {error.__class__.__name__}.") from None
