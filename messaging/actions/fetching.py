"""Reading a thread's messages: an action, since it belongs in the patient's ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Min, Q, QuerySet

from messaging import shapes
from messaging.access import Seat
from messaging.actions.marks import open_window
from messaging.models import ASIDES, Message
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


@dataclass(frozen=True)
class Range:
    """Which messages are asked for: after or before a seq, or about half before and half from a seq on."""

    after: int | None = None
    before: int | None = None
    around: int | None = None
    asides: bool = False
    limit: int = MAX_PAGE


def fetch_messages(seat: Seat, asked: Range) -> Page:
    """A page of a thread: what the history one was granted reaches; after a withdrawal one's own messages alone.

    Authors keep what they wrote themselves: the law asks them to (docs/consent.md R11).
    """
    visible = _visible(seat)
    if asked.asides:
        visible = visible.filter(aside__in=ASIDES)
    with transaction.atomic():
        page = _page(visible, asked)
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


def _page(rows: QuerySet[Message], asked: Range) -> list[Message]:
    limit = max(1, min(asked.limit, MAX_PAGE))
    if asked.around is not None:
        earlier = list(rows.filter(seq__lt=asked.around).order_by("-seq")[: limit // 2])
        return [*earlier[::-1], *rows.filter(seq__gte=asked.around).order_by("seq")[: limit - len(earlier)]]
    if asked.before is not None:
        rows = rows.filter(seq__lt=asked.before)
    if asked.after is not None:
        return list(rows.filter(seq__gt=asked.after).order_by("seq")[:limit])
    return list(rows.order_by("-seq")[:limit])[::-1]


def place_at(seat: Seat, at: datetime) -> int:
    """The seq of the first message of a member's history that was taken at or after a time, else of the last; 0: none.

    By halves over the index that orders a thread: at most 53 rows are looked at, and no index on the time is paid for
    with every message (docs/decisions/0076).
    """
    low, high = max(1, _floor(seat)), seat.thread.head
    if high < low:
        return 0
    times = Message.objects.filter(thread=seat.thread).values_list("created_at", flat=True)
    while low < high:
        middle = (low + high) // 2
        if times.get(seq=middle) < at:
            low = middle + 1
        else:
            high = middle
    return low


def _floor(seat: Seat) -> int:
    if seat.member.floor == 0:
        return 0
    first = Message.objects.filter(thread=seat.thread, epoch__gte=seat.member.floor).aggregate(seq=Min("seq"))["seq"]
    return int(first) if first is not None else seat.thread.head + 1
