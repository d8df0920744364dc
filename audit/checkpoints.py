"""Signed checkpoints: made at intervals, kept, and published to places from which the server cannot take them back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from audit import merkle
from audit.keys import signer
from audit.models import Checkpoint, Publication, Tree
from audit.note import Statement, open_note, sign_note
from audit.places import Reader, give_places

log = structlog.get_logger("ledger")
WITNESS_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)
AT_ONCE = 50


class Inconsistent(Exception):
    """The tree no longer begins with what was signed before: nothing is signed until somebody has looked."""


def make_checkpoint() -> Checkpoint:
    """Gives every entry its place and signs the tree as it now is; the newest checkpoint where nothing is new.

    Raises Inconsistent, and signs nothing, where the tree does not extend the newest checkpoint.
    """
    give_places()
    with transaction.atomic():
        Tree.objects.get_or_create(pk=1)
        tree = Tree.objects.select_for_update().get(pk=1)
        newest = Checkpoint.objects.order_by("-size").first()
        if newest is not None and newest.size == tree.size:
            return newest
        frontier = merkle.Frontier(tree.size, [bytes.fromhex(peak) for peak in tree.peaks])
        statement = Statement(signer().name, tree.size, frontier.root())
        if newest is not None:
            _require_extends(open_note(newest.note, signer()), statement)
        now = timezone.now()
        made = Checkpoint.objects.create(size=tree.size, note=sign_note(statement, signer()), at=now)
        Publication.objects.bulk_create(
            [Publication(checkpoint=made, place=place, next_try_at=now) for place in settings.LEDGER_PLACES]
        )
    return made


def _require_extends(old: Statement, new: Statement) -> None:
    try:
        proof = merkle.consistency_proof(Reader().subtree, old.size, new.size) if old.size else []
    except LookupError as error:
        raise Inconsistent(str(error)) from error
    if new.size < old.size or not merkle.extends(old.size, old.root, new.size, new.root, proof):
        raise Inconsistent(f"the tree of {new.size} does not begin with the {old.size} that were signed")


def publish(now: datetime | None = None) -> int:
    """Brings what waits to its places and returns how much arrived; what fails is tried again, later each time."""
    moment, arrived = now or timezone.now(), 0
    waiting = Publication.objects.filter(done_at=None, next_try_at__lte=moment).select_related("checkpoint")
    for row in waiting.order_by("checkpoint__size", "pk")[:AT_ONCE]:
        row.tries += 1
        try:
            _bring(row.checkpoint, row.place)
        except (OSError, httpx.HTTPError, ValueError) as error:
            row.trouble = f"{type(error).__name__}: {error}"[:300]
            row.next_try_at = moment + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries - 1, 16))
            log.warning("checkpoint_not_published", place=_shown(row.place), tries=row.tries, trouble=row.trouble)
        else:
            row.done_at, row.trouble = moment, ""
            arrived += 1
        row.save()
    return arrived


def _shown(place: str) -> str:
    """A place without what may be secret in its address."""
    return place.split("?", 1)[0]


def _bring(checkpoint: Checkpoint, place: str) -> None:
    """To a file (`file:/path`), an officer (`mailto:address`) or a witness (`https://…`: POST, 2xx is taken)."""
    scheme = urlsplit(place).scheme
    if scheme == "file":
        path = Path(urlsplit(place).path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(checkpoint.note + "\n")
    elif scheme == "mailto":
        subject = f"Consilium ledger: checkpoint at {checkpoint.size}"
        send_mail(subject, checkpoint.note, None, [urlsplit(place).path], fail_silently=False)
    elif scheme in ("http", "https"):
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        httpx.post(place, content=checkpoint.note, headers=headers, timeout=WITNESS_SECONDS).raise_for_status()
    else:
        raise ValueError("a place to publish to begins with file:, mailto:, http: or https:")
