"""Runs every benchmark, or those named: `python -m benchmarks [NAME …]` (`make bench`). One JSON line a figure."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import benchmarks


def names() -> list[str]:
    """The modules here that measure something: those with a `figures()`."""
    found = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if not module.ispkg]
    return [name for name in found if name not in ("__main__", "ears", "figure", "wire")]


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}", file=sys.stderr)
        return 2
    wanted = chosen or names()
    if len(wanted) > 1:
        # One process each: Django takes its settings once, and each benchmark has a database of its own.
        return max(
            subprocess.run([sys.executable, "-m", "benchmarks", name], check=False).returncode for name in wanted
        )
    module = importlib.import_module(f"benchmarks.{wanted[0]}")
    for figure in getattr(module, "figures", list)():
        print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
