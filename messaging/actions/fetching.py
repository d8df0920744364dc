"""Reading a thread's messages: an action, since it belongs in the patient's ledger."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet

from messaging import shapes
from messaging.access import Seat
from messaging.actions.marks import open_window
from messaging.models import Message
from wire.messaging import MAX_PAGE, MessagePage


@dataclass(frozen=True)
class Page:
    """Messages in ascending order; `floor` is the first seq that one's history reaches, 0 for all of it."""

    messages: list[Message]
    head: int
    floor: int
    own_only: bool

    def out(self) -> MessagePage:
        return MessagePage(
            messages=[shapes.message(row) for row in self.messages],
            head=self.head,
            floor=self.floor,
            own_only=self.own_only,
        )


def fetch_messages(seat: Seat, *, after: int | None = None, before: int | None = None, limit: int = MAX_PAGE) -> Page:
    """A page of a thread: what the history one was granted reaches; after a withdrawal one's own messages alone.

    Authors keep what they wrote themselves: the law asks them to (docs/consent.md R11).
    """
    visible = _visible(seat)
    with transaction.atomic():
        page = _page(visible, after, before, max(1, min(limit, MAX_PAGE)))
        if page and seat.stands:
            open_window(seat, page[0].seq, page[-1].seq)
    if seat.stands:
        return Page(page, seat.thread.head, _floor(seat), own_only=False)
    return Page(page, visible.aggregate(last=Max("seq"))["last"] or 0, 0, own_only=True)


def _visible(seat: Seat) -> QuerySet[Message]:
    rows = Message.objects.filter(thread=seat.thread)
    if not seat.stands:
        return rows.filter(sender=seat.person)
    if seat.member.floor > 0:
        return rows.filter(Q(epoch__gte=seat.member.floor) | Q(sender=seat.person))
    return rows


def _page(rows: QuerySet[Message], after: int | None, before: int | None, limit: int) -> list[Message]:
    if after is not None:
        rows = rows.filter(seq__gt=after)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    if after is not None:
        return list(rows.order_by("seq")[:limit])
    return list(rows.order_by("-seq")[:limit])[::-1]


def _floor(seat: Seat) -> int:
    if seat.member.floor == 0:
        return 0
    first = Message.objects.filter(thread=seat.thread, epoch__gte=seat.member.floor).aggregate(seq=Min("seq"))["seq"]
    return int(first) if first is not None else seat.thread.head + 1
