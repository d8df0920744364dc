#!/usr/bin/env python3
"""Django's command line."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # An operator may wait: migrations and verifications take longer than any answer to a person.
    os.environ.setdefault("CONSILIUM_STORE_BOUNDS", "false")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
