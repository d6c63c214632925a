"""Settings of an installation, read once from the environment (prefix NETRA_) and from `.env` in the root folder."""

import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from netra.origins import normalize_origin, to_host, to_origin

BASE_DIR = Path(__file__).resolve().parent.parent


class BrokenSettings(Exception):
    """A variable that cannot be used. The message is one line; it names the variable and never shows a secret."""


def _split_commas(value: object) -> object:
    """Split a list that is written with commas."""
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


def _normalize_origins(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(normalize_origin(origin) for origin in value)


def _normalize_networks(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(ip_network(network, strict=False)) for network in value)


def _validate_url(value: str) -> str:
    to_origin(value)
    return value


# This machine and private networks: a reverse proxy is there, and nobody on the internet is.
PRIVATE_NETWORKS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")

CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_commas)]
SecretKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split_commas)]
Networks = Annotated[CommaSeparated, AfterValidator(_normalize_networks)]


class OidcProvider(BaseModel):
    """A company's own sign-in server. With `sign_up`, its users get an account here at their first sign-in.

    `pages` are the origins of its sign-in pages, if they differ from that of `server_url`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z0-9-]{1,40}$")
    name: str
    client_id: str
    secret: SecretStr
    server_url: Annotated[str, AfterValidator(_validate_url)]
    sign_up: bool = False
    pages: Annotated[tuple[str, ...], AfterValidator(_normalize_origins)] = ()

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that a browser is sent to for signing in."""
        return (to_origin(self.server_url), *self.pages)


class Environment(BaseSettings):
    """An installation's settings; each field NAME is read from NETRA_NAME."""

    model_config = SettingsConfigDict(
        env_prefix="NETRA_",
        env_file=BASE_DIR / ".env",
        env_file_encoding="utf-8",
        extra="ignore",
        protected_namespaces=(),
        validate_by_name=True,
        validate_by_alias=True,
    )

    environment: Literal["development", "production"] = "development"
    debug: bool = False
    secret_key: SecretStr | None = None
    old_secret_keys: SecretKeys = ()  # what they signed stays valid
    audit_key: SecretKeys = ()  # the first signs, all of them verify
    data_dir: Path = BASE_DIR / "var"
    # Under the names that hosting platforms give them.
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")  # without: SQLite in data_dir
    database_owner_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_OWNER_URL")  # migrations
    database_connections: int = Field(default=20, ge=0)  # of one process, at most; 0: one per thread, without a pool
    redis_url: SecretStr | None = Field(default=None, validation_alias="REDIS_URL")  # notifications between processes
    store: SecretStr | None = None  # users' files: s3://bucket/prefix, gs://, az://, file:///; without: data_dir
    cache_bytes: int = Field(default=20 * 1024**3, ge=0)  # of copies of read logs on this machine, with a store
    data_shared: bool = False  # all processes have the same data_dir: then several need no store

    port: int = Field(default=8000, ge=1, le=65535)
    origins: Annotated[CommaSeparated, AfterValidator(_normalize_origins)] | None = None
    hosts: CommaSeparated | None = None  # if they differ from those of `origins`
    behind_proxy: bool = False  # one proxy that appends the client's address to `proxy_header`
    proxies: int | None = Field(default=None, ge=0, le=10)  # if there are several
    proxy_addresses: Networks = PRIVATE_NETWORKS  # whose header is trusted
    proxy_header: str = Field(default="X-Forwarded-For", pattern=r"^[A-Za-z0-9-]{1,60}$")
    connections: int = Field(default=12_000, ge=1)  # open at once in this process, HTTP and websockets
    connections_per_address: int = Field(default=2048, ge=1)  # an office behind one address, with a few tabs each
    connections_per_user: int = Field(default=64, ge=1)  # whose last REST request was by one user
    processes: int = Field(default=1, ge=1)  # server processes that share this installation's data
    secure_cookies: bool | None = None  # on in production
    hsts_seconds: int = Field(default=0, ge=0)
    session_hours: int = Field(default=14 * 24, ge=1)
    requests_per_minute: int = Field(default=1200, ge=0)  # of one user over REST; 0 means no limit
    page_requests_per_minute: int = Field(default=300, ge=0)  # of one address for public pages; 0 means no limit
    page_requests_in_all: int = Field(default=3000, ge=0)  # the same for all addresses together; 0 means no limit

    sign_up: bool = False
    oidc: tuple[OidcProvider, ...] = ()
    email_host: str | None = None  # without one, mails are printed
    email_port: int = Field(default=587, ge=1, le=65535)
    email_security: Literal["starttls", "tls", "none"] = "starttls"
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_from: str = "netra@localhost"
    admins: CommaSeparated = ()  # addresses that get mails about isolation incidents

    log_format: Literal["text", "json"] | None = None  # json in production
    metrics_token: SecretStr | None = None  # a bearer token for /metrics

    model: str = "offline"  # "offline", "openai:<name>" or "anthropic:<name>"
    model_base_url: str | None = None  # an OpenAI-compatible server
    model_api_key: SecretStr | None = None
    model_timeout_seconds: float = Field(default=60, gt=0)
    model_attempts: int = Field(default=3, ge=1, le=10)
    model_patience_seconds: float = Field(default=10, gt=0)  # of silence, before a question is answered without it

    legacy: Literal["forbid", "warn", "allow"] | None = None  # loads the migration kit; whether legacy agents run

    runner: bool = True  # this server also runs jobs; off: `manage.py work` in other processes does
    prune_days: int | None = Field(default=None, ge=1, le=36_500)  # prune once a day; None: only with manage.py prune
    engine_capacity: int = Field(default=16, ge=1)  # runs at once in this process
    one_core: bool = True  # servers and workers keep Python's threads on one core of the machine
    database_threads: int = Field(default=4, ge=2)  # for the database queries of sockets and runs
    rest_at_once: int = Field(default=2, ge=2)  # HTTP requests handled at once; half of them, rounded up, by one user
    analysis_threads: int = Field(default=2, ge=1)  # logs analysed at once in this process
    reading_threads: int = Field(default=2, ge=1)  # logs read at once in this process
    roster: str = "agents.framework.registry.select_all_agents"  # the function that selects a run's agents
    run_seconds: float = Field(default=600, gt=0)  # a run's deadline
    price_file: Path | None = None  # JSON or TOML: prices that go before the price list's
    upload_bytes: int = Field(default=2 * 1024**3, ge=1)  # the largest log that can be uploaded
    log_rows: int = Field(default=20_000_000, ge=1)  # of one log, at most
    log_columns: int = Field(default=2_000, ge=1, le=10_000)  # of one log, at most
    reading_seconds: int = Field(default=120, ge=1)  # to read any log; large ones get more time
    reading_memory_bytes: int = Field(default=1536 * 1024**2, ge=256 * 1024**2)  # of one process that reads or computes
    reading_scratch_bytes: int = Field(default=16 * 1024**3, ge=64 * 1024**2)  # of one such process on the disk
    disk_reserve_bytes: int = Field(default=256 * 1024**2, ge=0)  # that imports and uploads leave free
    stored_bytes: int = Field(default=20 * 1024**3, ge=1)  # of one user's logs together, unless their plan has a limit

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins whose pages may open a websocket here and send forms."""
        if self.origins is not None:
            return self.origins
        return () if self.production else (f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}")

    @property
    def public_origin(self) -> str:
        """The origin of links in mails: the first allowed one."""
        return self.allowed_origins[0] if self.allowed_origins else f"http://127.0.0.1:{self.port}"

    @property
    def proxy_count(self) -> int:
        return int(self.behind_proxy) if self.proxies is None else self.proxies

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        if self.hosts is not None:
            return self.hosts
        return tuple(dict.fromkeys(to_host(origin) for origin in self.allowed_origins))

    @property
    def session_cookie(self) -> str:
        # Other programs on the same host share its cookies: a name of our own, and a prefix that lets only us set it.
        return "__Host-netra_session" if self.cookies_are_secure else "netra_session"

    @property
    def logs_are_json(self) -> bool:
        return self.production if self.log_format is None else self.log_format == "json"

    @property
    def cookies_are_secure(self) -> bool:
        return self.production if self.secure_cookies is None else self.secure_cookies


def read_environment(file: Path = BASE_DIR / ".env") -> Environment:
    """Return the settings of the environment and of `file`. Raises BrokenSettings."""
    try:
        _check_env_file(file)
        return Environment(_env_file=file)
    except ValidationError as error:
        raise BrokenSettings("; ".join(_format_error(detail) for detail in error.errors(include_url=False))) from None
    except SettingsError as error:
        # The only variable in JSON; the error's own text describes the library's internals.
        raise BrokenSettings("NETRA_OIDC: invalid JSON (docs/operations.md has an example)") from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise BrokenSettings(f"{file.name} cannot be read: {reason}") from None


def _check_env_file(file: Path) -> None:
    """Raise BrokenSettings for a line that is not NAME=value: the library only logs it and ignores the line."""
    if not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for binding in parse_stream(lines):
            if binding.error:
                raise BrokenSettings(f"{file.name}, line {binding.original.line}: expected NAME=value")


def _format_error(error: ErrorDetails) -> str:
    name, *path = (str(part) for part in error["loc"])
    where = "".join(f"[{part}]" for part in path)
    variable = name if name.isupper() else f"NETRA_{name.upper()}"  # some variables have no prefix
    return f"{variable}{where}: {error['msg'].removeprefix('Value error, ')}"


SECRET_KEY_FILE = "secret_key"  # noqa: S105  # a file's name


def load_secret_key(environment: Environment) -> str:
    """Return NETRA_SECRET_KEY, or in development the key that `manage.py run` has stored in the data folder.

    Without either, a new key is generated, and whatever is signed with it becomes invalid with this process.
    """
    if environment.secret_key is not None and (given := environment.secret_key.get_secret_value().strip()):
        return given
    stored = None if environment.production else _read_secret_key(environment.data_dir / SECRET_KEY_FILE)
    return stored or secrets.token_urlsafe(48)


def _read_secret_key(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenSettings(f"The secret key in {file} cannot be read: {error.__class__.__name__}.") from None
