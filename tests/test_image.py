"""The image's steps, run in a plain root folder of Debian, and its server in there: no container engine is needed."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.parts.ports import free_port
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[1]
SUITE = {"debian:12-slim": "bookworm", "debian:13-slim": "trixie"}
# How this machine reaches packages, which a container engine hands to a build in its own way.
HOST_FILES = ("etc/resolv.conf", "etc/hosts", "etc/pip.conf", "etc/ssl/certs/ca-certificates.crt")
HOST_VARIABLES = re.compile(r"^(PIP_|SSL_|REQUESTS_|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY)")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


ENTER = """
mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && exec chroot --userspec="$2" "$1" /bin/sh -c "$3"
"""
MOUNTED = ("unshare", "--mount", "sh", "-c", ENTER, "sh")
"""Mounts are the process's own and end with it: whoever removes the root folder must not find this machine's /dev."""


@dataclass(slots=True)
class Image:
    """What a Dockerfile has said so far."""

    root: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    check: list[str] = field(default_factory=list)

    def build_command(self, *words: str, user: str | None = None) -> list[str]:
        """The command that runs this in the root folder, as its user."""
        inside = f"cd {shlex.quote(self.folder)} && exec {shlex.join(words)}"
        return [*MOUNTED, str(self.root), user or self.user, inside]

    def build_variables(self, **more: str) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if HOST_VARIABLES.match(name)}
        return {**ours, "PATH": PATH, "HOME": "/root", **self.environment, **more}

    def run(self, *words: str, user: str | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.build_command(*words, user=user),
            env=self.build_variables(**more),
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE,
        )


def find_hindrance() -> str | None:
    """Why no root folder can be made here."""
    if os.getuid() != 0:
        return "only root can make a root folder"
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed: apt-get install debootstrap"
    with tempfile.TemporaryDirectory() as folder:
        tried = subprocess.run(["unshare", "--mount", "mount", "-t", "proc", "proc", folder], capture_output=True)
    return None if tried.returncode == 0 else f"nothing can be mounted here ({tried.stderr.decode().strip()})"


def read_instructions() -> Iterator[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy/Dockerfile").read_text(), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def follow(image: Image, name: str, rest: str) -> None:
    match name:
        case "RUN":
            done = image.run("/bin/sh", "-c", rest)
            assert done.returncode == 0, f"{rest}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        case "COPY":
            copy(image, *rest.split())
        case "WORKDIR":
            image.folder = rest
            (image.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        case "ENV":
            image.environment |= {name: value for name, _, value in (word.partition("=") for word in shlex.split(rest))}
        case "USER":
            image.user = rest
        case "ENTRYPOINT":
            image.entrypoint = json.loads(rest)
        case "CMD":
            image.command = json.loads(rest)
        case "HEALTHCHECK":
            image.check = json.loads(rest[rest.index("CMD ") + 4 :])
        case "FROM" | "VOLUME" | "EXPOSE":
            pass
        case _:
            raise AssertionError(f"{name} is not known here")


def copy(image: Image, source: str, target: str) -> None:
    """As a build does, whose context is the committed and changed files that .dockerignore leaves."""
    told = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    ignored = (ROOT / ".dockerignore").read_text().split()
    for name in told.stdout.decode().splitlines():
        inside = source == "." or name == source
        if not inside or any(is_ignored(name, pattern) for pattern in ignored) or not (ROOT / name).exists():
            continue
        place = image.root / image.folder.lstrip("/") / target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, place)


def is_ignored(name: str, pattern: str) -> bool:
    plain = pattern.removeprefix("**/")
    parts = Path(name).parts if plain != pattern else Path(name).parts[:1]
    return any(fnmatch(part, plain) for part in parts) or name.startswith(f"{plain}/")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    if hindrance := find_hindrance():
        pytest.skip(f"the image's steps are not run: {hindrance}")
    (base,) = (rest for name, rest in read_instructions() if name == "FROM")
    root = tmp_path_factory.mktemp("image") / "root"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        options = ["--variant=minbase", "--include=ca-certificates", SUITE[base]]
        command = ["unshare", "--mount", "debootstrap", *options, str(root), find_mirror()]
        made = subprocess.run(command, capture_output=True, text=True)
        assert made.returncode == 0, made.stdout[-2000:]
        root.chmod(0o755)
        give_packages(root)
        found = Image(root)
        for name, rest in read_instructions():
            follow(found, name, rest)
        yield found


def find_mirror() -> str:
    for path in (*Path("/etc/apt/sources.list.d").glob("*.sources"), Path("/etc/apt/sources.list")):
        if path.exists() and (
            found := re.search(r"^(?:URIs: *|deb +(?:\[.*?\] *)?)(\S+)", path.read_text(), re.MULTILINE)
        ):
            return found[1]
    return "http://deb.debian.org/debian"


def give_packages(root: Path) -> None:
    """What this machine needs to reach them: names, certificates, and apt's own settings."""
    for name in HOST_FILES:
        if (source := Path("/") / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, root / name)
    for source in Path("/etc/apt/apt.conf.d").glob("99*"):
        shutil.copy(source, root / "etc/apt/apt.conf.d")
    if (pip := Path.home() / ".config/pip").exists():
        shutil.copytree(pip, root / "root/.config/pip")


@pytest.mark.soak
def test_the_images_steps_make_a_server_that_is_ready_and_stops(image: Image) -> None:
    settings = {
        "NETRA_SECRET_KEY": "a test's alone, and long enough to be one: 0123456789abcdef",
        "NETRA_ORIGINS": "https://netra.example.com",
        "NETRA_BEHIND_PROXY": "true",
        "NETRA_PORT": str(free_port()),
    }
    checked = image.run(*image.entrypoint, "check", **settings)
    assert checked.returncode == 0, checked.stderr
    written = image.run("/bin/sh", "-c", "touch /opt/netra/here")
    assert written.returncode != 0, "the server could change its own code"
    command = image.build_command(*image.entrypoint, *image.command)
    with subprocess.Popen(command, env=image.build_variables(**settings)) as server:
        try:
            await_health(image, settings, server)
        finally:
            server.send_signal(signal.SIGTERM)
    assert server.returncode == 0
    assert image.run(*image.check, **settings).returncode != 0, "nobody answers any more"


@pytest.mark.soak
def test_the_image_has_what_backups_and_workers_need(image: Image) -> None:
    for command in ("pg_dump --version", ".venv/bin/daphne --help", ".venv/bin/python manage.py help work"):
        done = image.run(*command.split(), NETRA_ENVIRONMENT="development")
        assert done.returncode == 0, done.stderr


def await_health(image: Image, settings: Mapping[str, str], server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while (told := image.run(*image.check, **settings)).returncode != 0:
        assert server.poll() is None
        assert time.monotonic() < until, told.stderr
        time.sleep(1)
