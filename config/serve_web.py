"""Becomes the web server of this environment: what deploy/systemd/consilium-web.service starts."""

from __future__ import annotations

import os

from config.environment import environment
from config.serve import refuse_what_cannot_work, web_command

if __name__ == "__main__":
    refuse_what_cannot_work(environment())
    command = web_command(environment())
    os.execv(command[0], command)
