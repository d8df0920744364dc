"""Writes the protocol's tables in both languages from crypto/tables.json: `python -m crypto.generate_tables`.

With `--check` it writes nothing and ends with 1 when a written file differs from what it would write.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "crypto" / "tables.json"
PYTHON = ROOT / "crypto" / "tables.py"
TYPESCRIPT = ROOT / "frontend" / "src" / "crypto" / "tables.gen.ts"
NOTE = "Written by crypto/generate_tables.py from crypto/tables.json (docs/protocol.md): do not edit."


class Tables(TypedDict):
    """The shape of tables.json."""

    constants: dict[str, int]
    texts: dict[str, str]
    labels: list[str]
    enums: dict[str, dict[str, int]]
    flags: dict[str, dict[str, int]]
    leads: list[str]
    words: list[str]
    """1024 words in lines: of the EFF's long list for dice (CC BY 3.0 US), no two alike in their first four letters."""
    errors: list[str]


def label_name(label: str) -> str:
    """`CT1:log-sig` as LOG_SIG."""
    return label.removeprefix("CT1:").replace("-", "_").upper()


def python(tables: Tables) -> str:
    lines = [f'"""{NOTE}"""', "", "from enum import IntEnum, IntFlag", "from typing import Final, Literal", ""]
    lines += [f"{name}: Final = {value}" for name, value in tables["constants"].items()]
    lines += [f'{name}: Final = "{value}"' for name, value in tables["texts"].items()]
    lines += ["", "", "class Label:", '    """Domain separation: adding one is a change of the protocol."""', ""]
    lines += [f'    {label_name(label)}: Final = "{label}"' for label in tables["labels"]]
    for base, table in (("IntEnum", tables["enums"]), ("IntFlag", tables["flags"])):
        for name, members in table.items():
            lines += ["", "", f"class {name}({base}):"]
            lines += [f"    {member} = {value}" for member, value in members.items()]
    leads = ", ".join(f"Role.{name}" for name in tables["leads"])
    lines += ["", "", f"LEADS: Final = frozenset({{{leads}}})", '"""The roles that may add and remove members."""', ""]
    lines += ["WORDS: Final = (", *(f'    "{line} "' for line in tables["words"]), ").split()", ""]
    lines += ["ErrorCode = Literal["] + [f'    "{code}",' for code in tables["errors"]] + ["]"]
    return "\n".join(lines) + "\n"


def typescript(tables: Tables) -> str:
    lines = [f"// {NOTE}", ""]
    lines += [f"export const {name} = {value};" for name, value in tables["constants"].items()]
    lines += [f"export const {name} = '{value}';" for name, value in tables["texts"].items()]
    lines += ["", "/** Domain separation: adding one is a change of the protocol. */", "export const Label = {"]
    lines += [f"  {label_name(label)}: '{label}'," for label in tables["labels"]]
    lines += ["} as const;", "export type Label = (typeof Label)[keyof typeof Label];"]
    for name, members in tables["enums"].items():
        lines += ["", f"export const {name} = {{"] + [f"  {member}: {value}," for member, value in members.items()]
        lines += ["} as const;", f"export type {name} = (typeof {name})[keyof typeof {name}];"]
    for name, members in tables["flags"].items():
        lines += ["", "/** Bits. */", f"export const {name} = {{"]
        lines += [f"  {member}: {value}," for member, value in members.items()] + ["} as const;"]
    leads = ", ".join(f"Role.{name}" for name in tables["leads"])
    lines += ["", "/** The roles that may add and remove members. */"]
    lines += [f"export const LEADS: ReadonlySet<number> = new Set([{leads}]);", ""]
    lines += ["export const WORDS: readonly string[] = ["]
    lines += [f"  '{line}'," for line in tables["words"]] + ["].flatMap((line) => line.split(' '));", ""]
    lines += ["export type ErrorCode ="] + [f"  | '{code}'" for code in tables["errors"]]
    lines[-1] += ";"
    return "\n".join(lines) + "\n"


def main(check: bool) -> int:
    tables: Tables = json.loads(SOURCE.read_text())
    stale = 0
    for path, text in ((PYTHON, python(tables)), (TYPESCRIPT, typescript(tables))):
        if check:
            if not path.exists() or path.read_text() != text:
                stale = 1
                print(f"{path.relative_to(ROOT)} is stale: make wire")
        else:
            path.write_text(text)
    return stale


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
