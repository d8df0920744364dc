"""Loaded before Django's settings: puts the profile's servers and a throw-away data folder into the environment."""

from __future__ import annotations

import os

from tests.services import environment

os.environ.update(environment())
