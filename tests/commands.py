"""An operator who stays at the desk: manage.py commands one after the other in one process.

A new process takes seconds to begin, and tests that come in from outside need a hundred commands.
"""

from __future__ import annotations

import io
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from config.environment import ROOT

COMMAND_SECONDS = 150


class Commands:
    """The process, begun with the first command; it ends with its standard input, so with whoever asks."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        self._environment, self._log = environment, log
        self._process: subprocess.Popen[str] | None = None
        self._begun_in: dict[str, str] = {}

    def _begin(self) -> subprocess.Popen[str]:
        self._begun_in = dict(self._environment)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.commands"],
                cwd=ROOT,
                env=self._begun_in,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def run(self, *words: str) -> str:
        """What the command prints; raises RuntimeError with its complaint, or after COMMAND_SECONDS."""
        if self._begun_in != self._environment:
            # Settings are read once in a process: a test that changes them asks another one.
            self.end()
        if self._process is None:
            self._process = self._begin()
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        print(json.dumps(words), file=process.stdin, flush=True)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(COMMAND_SECONDS):
                self.end()
                raise RuntimeError(f"manage.py {words[0]} did not end within {COMMAND_SECONDS} s")
        answer = process.stdout.readline()
        if not answer:
            self.end()
            raise RuntimeError(self._log.read_text()[-4000:])
        said, complaint = json.loads(answer)
        if complaint is not None:
            raise RuntimeError(complaint[-4000:])
        return str(said).strip()

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=15)
            self._process = None


def _answer(words: list[str]) -> tuple[str, str | None]:
    """What a command prints, and its complaint if it fails: as the shell would have both."""
    from django.core.management import execute_from_command_line

    said, complaint = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(complaint):
        try:
            execute_from_command_line(["manage.py", *words])
        except SystemExit as ended:
            return said.getvalue(), (complaint.getvalue() or f"exit code {ended.code}") if ended.code else None
        # What a command raises is the answer to it, and no end of the others.
        except Exception as error:  # noqa: BLE001
            return said.getvalue(), f"{complaint.getvalue()}{type(error).__name__}: {error}"
    return said.getvalue(), None


def main() -> None:
    """One line of JSON in, the command's words; one out, what it printed and its complaint or null."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
