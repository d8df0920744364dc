"""Workers that die by SIGKILL while they escalate: no step is lost and none is taken twice."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from config.environment import ROOT

COUNT = os.environ.get("CONSILIUM_ESCALATIONS", "150")
SECONDS = 3600 if COUNT != "150" else 280

pytestmark = [pytest.mark.server, pytest.mark.timeout(SECONDS + 10)]


def test_no_escalation_is_lost_or_doubled_while_workers_die() -> None:
    asked = [sys.executable, "-m", "tests.system.escalations", COUNT]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "none lost, none doubled" in done.stdout
