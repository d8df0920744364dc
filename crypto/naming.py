"""Whom a log names: those whose keys and certificates a directory owes its reader (docs/protocol.md 3.2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from crypto.authority import NO_ACCOUNT, parse_change
from crypto.directives import parse_directive, parse_revoke
from crypto.emergency import parse_emergency
from crypto.entries import Entry, Genesis, MemberAdd, Payload, Signed, SignedEntry, parse_entry, parse_payload
from crypto.tables import AuthKind, EntryType, GranteeKind


@dataclass
class Named:
    """Accounts, and fingerprints whose accounts the entries do not say."""

    users: set[bytes] = field(default_factory=set)
    fps: set[bytes] = field(default_factory=set)


def named_in(entries: Iterable[SignedEntry]) -> Named:
    """Authors, authorities, members, signers, and those whose keys witnessed directives name; raises as the parsers do.

    Whose keys a patient's own directives name is not said: members would learn whom the patient refused elsewhere.
    """
    named = Named()
    for signed in entries:
        entry = parse_entry(signed.body)
        named.users.add(entry.author)
        _add(named, entry, parse_payload(entry))
    named.users.discard(NO_ACCOUNT)
    return named


def _add(named: Named, entry: Entry, payload: Payload | None) -> None:
    if isinstance(payload, Genesis):
        named.users |= {one.user for one in payload.authorities}
        named.fps |= payload.authority.fps
    elif isinstance(payload, MemberAdd):
        named.users.add(payload.user)
    elif isinstance(payload, Signed):
        named.fps |= {signer.fp for signer in payload.signers}
        name_object(named, entry.type, payload.body)


def name_object(named: Named, kind: int, body: bytes) -> None:
    """Adds whom a signed object names, by the type of the entry that carries it; raises as the parsers do."""
    if kind == EntryType.DIRECTIVE:
        directive = parse_directive(body)
        if directive.auth_kind == AuthKind.WITNESSED and directive.grantee_kind == GranteeKind.KEY:
            named.fps.add(directive.grantee)
    elif kind == EntryType.AUTHORITY_CHANGE:
        named.users |= set(parse_change(body).authorities.accounts)


def carried_id(entry: Entry, payload: Payload | None) -> bytes | None:
    """The id of the signed object that an entry carries, or None; raises as the parsers do."""
    if not isinstance(payload, Signed):
        return None
    match entry.type:
        case EntryType.DIRECTIVE:
            return parse_directive(payload.body).directive_id
        case EntryType.REVOKE:
            return parse_revoke(payload.body).revoke_id
        case EntryType.AUTHORITY_CHANGE:
            return parse_change(payload.body).change_id
        case EntryType.POLICY_CHANGE:
            return None
        case _:
            return parse_emergency(payload.body).declaration_id
