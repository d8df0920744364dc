"""Writes the TypeScript of every wire model: `python -m wire.generate [--check]` (`make wire`)."""

from __future__ import annotations

import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import wire
from wire.base import Body, Frame
from wire.version import BUILD, PROTOCOL

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "frontend/src/wire.gen.ts"
COMPILER = ROOT / "frontend/scripts/wireTypes.mjs"


def declared_models() -> list[type[BaseModel]]:
    """Every model that a wire module declares itself, ordered by module and name."""
    found: dict[str, type[BaseModel]] = {}
    for module_info in sorted(pkgutil.iter_modules(wire.__path__), key=lambda m: m.name):
        if module_info.name in ("generate", "__main__"):
            continue
        module = importlib.import_module(f"wire.{module_info.name}")
        for name, value in sorted(vars(module).items()):
            declared_here = isinstance(value, type) and value.__module__ == module.__name__
            if declared_here and issubclass(value, BaseModel) and value not in (Body, Frame):
                if name in found:
                    raise SystemExit(f"wire.generate: two models are called {name}")
                found[name] = value
    return list(found.values())


def schema() -> dict[str, object]:
    """One JSON schema (2020-12) with every model under $defs, as the server writes them."""
    _, document = models_json_schema(
        [(model, "serialization") for model in declared_models()], ref_template="#/$defs/{model}"
    )
    for definition in document["$defs"].values():
        definition.pop("title", None)
        for field in definition.get("properties", {}).values():
            field.pop("title", None)
    return {"title": "Wire", "type": "object", "additionalProperties": False, **document}


def compile_types(document: dict[str, object]) -> str:
    """The TypeScript text of a schema, by json-schema-to-typescript; raises SystemExit with its complaint."""
    node = shutil.which("node")
    if node is None:
        raise SystemExit("wire.generate: node is not on the PATH; run `make wire`, which sees to it")
    done = subprocess.run(
        [node, str(COMPILER)],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"wire.generate: {done.stderr.strip()}")
    return done.stdout


def constants() -> str:
    """What a client says of itself, by wire.version."""
    return f"\nexport const PROTOCOL = {PROTOCOL};\nexport const BUILD = {BUILD};\n"


def main(arguments: list[str]) -> int:
    text = compile_types(schema()) + constants()
    if "--check" in arguments:
        if not TARGET.exists() or TARGET.read_text() != text:
            print("frontend/src/wire.gen.ts does not match wire/: run `make wire` and commit", file=sys.stderr)
            return 1
        return 0
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
