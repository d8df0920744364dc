"""Every door as the code has it, and every row of docs/doors.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from django.apps import apps
from django.core.management import find_commands
from django.urls import URLPattern, URLResolver, get_resolver

import wire.conference
import wire.consent
import wire.emergency
import wire.errors
import wire.live
import wire.messaging
import wire.scheduling
import wire.urgency  # noqa: F401  # each declares frames, which are found among the subclasses
from conference.media.messages import Command, Lost, Offered, Publishing
from config.api import api
from config.environment import ROOT
from live import housekeeping, registry
from wire.base import Frame

OURS = (
    "audit", "live", "people", "consent", "messaging", "conference", "scheduling", "records", "interop", "referrals",
)  # fmt: skip
HANDSHAKE = {"hello", "ping"}
_SPAWNS = {"create_task", "ensure_future", "Thread", "run_in_executor", "call_later", "start_new_thread", "Timer"}
_ROW = re.compile(r"^\| `([^`]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$")


@dataclass(frozen=True)
class Row:
    """A door's line: who finds the place, which actions are decided or why none is, and what a refusal looks like."""

    door: str
    place: str
    decided: str
    refused: str

    @property
    def actions(self) -> frozenset[str]:
        return frozenset() if self.is_exempt else frozenset(re.findall(r"`([a-z_]+\.[a-z_]+)`", self.decided))

    @property
    def is_exempt(self) -> bool:
        return self.decided.startswith("exempt: ")


def rows() -> dict[str, Row]:
    """The tables of docs/doors.md; raises ValueError for a door that is listed twice."""
    found: dict[str, Row] = {}
    for line in (ROOT / "docs/doors.md").read_text().splitlines():
        match = _ROW.match(line)
        if match is None:
            continue
        row = Row(*(part.strip() for part in match.groups()))
        if row.door in found:
            raise ValueError(f"{row.door} is listed twice")
        found[row.door] = row
    return found


def operations() -> list[tuple[str, str]]:
    """(method, path below /api) of every operation of the API."""
    return [
        (method, path)
        for _, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    ]


def _pages(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    for pattern in patterns:
        address = f"{before}{pattern.pattern}".replace("/^", "/")
        if isinstance(pattern, URLPattern):
            yield address
        elif address != "/api/":
            yield from _pages(pattern.url_patterns, address)


def pages() -> list[str]:
    """Every address beside the API: of Django's own urlconf, of files, and of the socket."""
    named = ["the client's shell" if "(?!" in address else address for address in _pages(get_resolver().url_patterns)]
    return [*named, "/assets/…", "/ws"]


def _subclasses(kind: type[Frame]) -> Iterator[type[Frame]]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)


def frames() -> dict[str, type[Frame]]:
    """Every frame that wire declares, by its type."""
    return {registry.type_of(one): one for one in _subclasses(Frame) if one.__module__.startswith("wire.")}


def inbound() -> dict[str, type[Frame]]:
    """Every frame that a client may send."""
    kinds = HANDSHAKE | {registry.type_of(one) for one in registry.registered_frames()}
    return {kind: one for kind, one in frames().items() if kind in kinds}


def _spawns() -> Iterator[str]:
    """`module.function` of each place in the server that starts work beside whoever asked for it."""
    for app in (*OURS, "config"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for outer in ast.walk(ast.parse(path.read_text())):
                if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_is_spawn, ast.walk(outer))):
                    yield f"{module}.{outer.name}"


def _is_spawn(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr in _SPAWNS


def doors() -> set[str]:
    """Every door as docs/doors.md names it."""
    found = {f"{method} /api{path}" for method, path in operations()}
    found |= {f"ANY {address}" for address in pages()}
    found |= {f"frame {kind}" for kind in inbound()}
    found |= {f"push {kind}" for kind in frames().keys() - inbound().keys()}
    found |= {f"media {one.model_fields['do'].default}" for one in Command.__subclasses__()}
    found |= {f"event {get_args(one.model_fields['kind'].annotation)[0]}" for one in (Offered, Publishing, Lost)}
    found |= {f"job {job.name}" for job in housekeeping.jobs()}
    for config in apps.get_app_configs():
        if config.label in OURS:
            found |= {f"command {name}" for name in find_commands(f"{config.path}/management")}
    return found | {f"task {place}" for place in _spawns()}
