"""A compliance key's ceremony, offline: the key is made, its organisation's root signs it, and only shares are kept.

The secret exists while `make` runs and while two custodians open an export, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from crypto import shares as shamir
from crypto.compliance import (
    ComplianceKey,
    box_pk_of,
    compliance_fingerprint,
    parse_compliance_key,
    sign_compliance_key,
)
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot
from crypto.primitives import random_bytes
from wire.base import B64, Body, Id32
from wire.people import ComplianceKeyBlob

Random = Callable[[int], bytes]


class CustodianShare(Body):
    """What one custodian keeps, as a file or on paper: worth nothing alone, and it says what it is of."""

    kind: Literal["compliance-share"] = "compliance-share"
    label: str = Field(max_length=200)
    box_pk: Id32
    fingerprint: Id32
    threshold: int = Field(ge=2, le=255)
    index: int = Field(ge=1, le=255)
    points: Id32
    check: Annotated[B64, Field(min_length=shamir.CHECK_BYTES, max_length=shamir.CHECK_BYTES)]

    @property
    def share(self) -> shamir.Share:
        return shamir.Share(self.fingerprint, self.threshold, self.index, self.points, self.check)


@dataclass(frozen=True)
class Made:
    """The fruits of a ceremony: the statement goes to the server, each share to its custodian."""

    statement: ComplianceKeyBlob
    shares: list[CustodianShare]

    @property
    def key(self) -> ComplianceKey:
        return parse_compliance_key(self.statement.body)


def make(
    root: OrgRoot, org: bytes, label: str, now_ms: int, *, shares: int, threshold: int, rng: Random = random_bytes
) -> Made:
    """A new key in shares; raises E_SHARE or E_COMPLIANCE for numbers or a label that make no sense."""
    secret = rng(32)
    box_pk = box_pk_of(secret)
    fp = compliance_fingerprint(box_pk)
    # Members read the label in every conversation: it tells them how many must come together.
    whole = f"{label}, any {threshold} of {shares} custodians together"
    points = shamir.split(secret, fp, shares=shares, threshold=threshold, rng=rng)
    key = ComplianceKey(org, root.fp, box_pk, threshold, shares, whole.encode(), now_ms)
    parse_compliance_key(key.encode())
    signed = sign_compliance_key(root, key)
    held = [
        CustodianShare(
            label=whole,
            box_pk=box_pk,
            fingerprint=fp,
            threshold=threshold,
            index=one.index,
            points=one.points,
            check=one.check,
        )
        for one in points
    ]
    return Made(ComplianceKeyBlob(body=signed.body, sig=signed.sig), held)


def check(share: CustodianShare) -> None:
    """Raises E_SHARE for a share that is damaged, or names another key than it says."""
    share.share.verify()
    if share.fingerprint != compliance_fingerprint(share.box_pk):
        raise Ct1Error("E_SHARE", f"share {share.index} names another key than it says")


def join(shares: Sequence[CustodianShare], box_pk: bytes) -> bytes:
    """The secret of `box_pk`; E_SHARE for too few, one twice, a damaged or forged one, or those of another key."""
    for one in shares:
        check(one)
        if one.box_pk != box_pk:
            raise Ct1Error("E_SHARE", f"share {one.index} is of another key: {one.label}")
    secret = shamir.join([one.share for one in shares])
    if box_pk_of(secret) != box_pk:
        raise Ct1Error("E_SHARE", "the shares do not make this key: one of them is forged")
    return secret
