"""PostgreSQL of Debian's package, with a folder, a port and the two roles of docs/operations.md."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg

from core.exceptions import OperatorError
from netra.config import BASE_DIR
from netra.scale_out.parts import ManagedProcess, write_private_file

PROGRAMS = Path("/usr/lib/postgresql")
ROLES = BASE_DIR / "deploy" / "postgresql" / "roles.sql"
ACCOUNT, ACCOUNT_HOME = "postgres", Path("/var/lib/postgresql")  # as Debian's package makes them
ADMINISTRATOR, OWNER, APPLICATION = "postgres", "netra_owner", "netra"
CONNECTIONS_PER_PROCESS = 32  # 20 of the pool, those of the queue of jobs, and some more


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgreSQL:
    """A cluster of databases in `folder`, with its roles' passwords."""

    folder: Path
    port: int
    passwords: dict[str, str]

    def build_url(self, role: str, database: str = APPLICATION) -> str:
        return f"postgres://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def build_part(self, processes: int) -> ManagedProcess:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "max_connections": max(100, processes * CONNECTIONS_PER_PROCESS),
            "log_checkpoints": "off",
            "authentication_timeout": "10s",  # a shutdown waits for those who are signing in
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return ManagedProcess(
            name="postgresql",
            command=(str(_find_programs(_read_version(self.folder)) / "postgres"), "-D", str(self.folder), *options),
            stage=0,
            is_ready=self.is_ready,
            stop_signal=signal.SIGINT,  # ends whoever is still connected
            death_signal=signal.SIGINT,
            account=choose_account(),
        )

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.build_url(ADMINISTRATOR, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_roles(self) -> None:
        """Create the two roles and their database, unless an earlier start has. Raises OperatorError."""
        passwords = {"DATABASE_OWNER_PASSWORD": OWNER, "DATABASE_PASSWORD": APPLICATION}
        given = {variable: self.passwords[role] for variable, role in passwords.items()}
        program = _find_programs(_read_version(self.folder)) / "psql"
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", ADMINISTRATOR, "-d", "postgres")
        done = subprocess.run(
            [str(program), "--quiet", "--no-psqlrc", *where, "--file", str(ROLES)],
            env={**os.environ, **given, "PGPASSWORD": self.passwords[ADMINISTRATOR]},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise OperatorError(f"PostgreSQL's roles could not be made: {done.stderr.strip()}")


def choose_account() -> str | None:
    """Return whom root runs it as: it refuses to run as root."""
    return ACCOUNT if os.getuid() == 0 else None


def prepare_cluster(folder: Path, password: str) -> Path:
    """Return the cluster's folder, made at the first start: `postgresql` in `folder` leads to it. Its account must be
    able to reach it, so that root's is not below our private folder, but where Debian's clusters are."""
    link = folder / "postgresql"
    if link.exists():
        return link.resolve()
    link.unlink(missing_ok=True)
    programs, account = _find_programs(None), choose_account()
    made = Path(tempfile.mkdtemp(prefix="netra-", dir=folder if account is None else ACCOUNT_HOME))
    secret = write_private_file(made.with_suffix(".password"), password)
    try:
        for path in (made, secret):
            if account is not None:
                shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
        options = ["-U", ADMINISTRATOR, "-A", "scram-sha-256", "--pwfile", str(secret), "-E", "UTF8", "--locale=C"]
        command = [str(programs / "initdb"), "-D", str(made), *options]
        subprocess.run(command, user=account, group=account, cwd="/", check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(made)
        raise OperatorError(f"PostgreSQL's folder could not be made: {error.stderr.decode().strip()}") from error
    finally:
        secret.unlink()
    link.symlink_to(made)
    return made


def _read_version(cluster: Path) -> str:
    return (cluster / "PG_VERSION").read_text().strip()


def _find_programs(version: str | None) -> Path:
    """Return the folder of the programs of this version, or of the newest one. Raises OperatorError."""
    found = sorted(PROGRAMS.glob(f"{version or '*'}/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not found:
        package = f"postgresql-{version}" if version else "postgresql"
        raise OperatorError(f"PostgreSQL is not installed in {PROGRAMS}: sudo apt-get install {package}")
    return found[-1].parent
