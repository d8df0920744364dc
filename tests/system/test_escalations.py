"""Workers that die by SIGKILL while they escalate: no step is lost and none is taken twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from config.environment import ROOT

COUNT = os.environ.get("CONSILIUM_ESCALATIONS", "150")
SECONDS = 3600 if COUNT != "150" else 280

pytestmark = [pytest.mark.server, pytest.mark.timeout(SECONDS + 10)]


def test_no_escalation_is_lost_or_doubled_while_workers_die() -> None:
    asked = [sys.executable, "-m", "tests.system.escalations", COUNT]
    asking = subprocess.Popen(
        asked, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said, _ = asking.communicate(timeout=SECONDS)
    finally:
        # Its workers are its own children: whoever is late takes them along.
        with suppress(ProcessLookupError):
            os.killpg(asking.pid, signal.SIGKILL)
    assert asking.returncode == 0, said[-4000:]
    assert "none lost, none doubled" in said
