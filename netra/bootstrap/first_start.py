"""A start from nothing or from what an earlier start left: key, schema, demo users, sample log, and the lines shown in the terminal."""

from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings

from core.files import create_private_file
from core.models import User
from netra import config
from netra.bootstrap.database import prepare_database
from netra.bootstrap.demo_users import create_demo_users, credentials_path, list_demo_users
from netra.config import Environment
from workloads.logs import create_sample_log, ensure_sample_file

Say = Callable[[str], None]


def prepare_installation(environment: Environment, say: Say) -> Path | None:
    """Key, schema, people and sample; only the schema in production. Returns the sample log, where there is one."""
    if environment.production:
        prepare_database(say)
        if not User.objects.filter(is_superuser=True, is_active=True).exists():
            say("There is no operator yet: make one with .venv/bin/python manage.py createsuperuser")
        return None
    if environment.secret_key is None:
        # What this process made up; where one is kept already, the settings have read it.
        create_private_file(environment.data_dir / config.SECRET_KEY_FILE, settings.SECRET_KEY)
    prepare_database(say)
    made = create_demo_users(environment.data_dir)
    if made:
        create_sample_log(made[0].id, environment.data_dir)
    return ensure_sample_file(environment.data_dir)


STOP_HINT = "Ctrl-C stops it; everything is kept."


def format_greeting(environment: Environment, host: str, sample: Path | None) -> Iterator[str]:
    """Line by line; in production the address alone."""
    origin = next(iter(environment.allowed_origins), f"http://{host}:{environment.port}")
    yield f"Netra is at {origin}/"
    if not environment.production:
        yield from _format_demo_users(environment, origin)
    if sample is not None:
        yield f"A log to bring: {_shorten_path(sample)}"
    yield STOP_HINT


def _format_demo_users(environment: Environment, origin: str) -> Iterator[str]:
    people = tuple(list_demo_users(environment.data_dir))
    if people:
        yield ""
        for person in people:
            told = person.password or "(changed by its owner)"
            yield f"  {person.name:<6} {told:<22}{f'  operator: {origin}/admin/' if person.is_operator else ''}".rstrip()
        yield f"\nMade up for this machine and kept in {_shorten_path(credentials_path(environment.data_dir))}."


def _shorten_path(path: Path) -> str:
    """As seen from here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
