"""E-mail as a road for notices: no name, no reason, no link, so that whoever sees it learns nothing."""

from __future__ import annotations

from uuid import UUID

from django.core.mail import send_mail

from people.models import User
from people.notices import Kind

_SUBJECTS = {
    Kind.URGENT: "Consilium: somebody is waiting for you",
    Kind.UNANSWERED: "Consilium: nobody has answered yet",
}
SUBJECT = "Consilium: please have a look"
TEXT = "There is something for you in Consilium. Please sign in as usual.\n"


def send_letter(user_id: UUID, kind: str) -> None:
    """One letter to a person whose account stands."""
    address = User.objects.filter(pk=user_id, is_active=True).values_list("email", flat=True).first()
    if address:
        subject = _SUBJECTS.get(Kind(kind), SUBJECT)
        send_mail(subject, TEXT, None, [address])
