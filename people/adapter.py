"""How allauth behaves here: an account is opened with an enrolment code, and its password is a derived secret."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from people import access, rules
from people.fields import open_text, seal_text
from people.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """Opens signing up to the bearers of a code alone, and refuses a typed password even over TLS."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """True when the header `X-Enrolment-Code` holds a code that can still be used."""
        return access.find_enrolment(request.headers.get("X-Enrolment-Code", "")) is not None

    def clean_password(self, password: str, user: User | None = None) -> str:
        if not rules.is_derived_auth(password):
            raise ValidationError("This app is out of date: reload the page.", code="not_derived")
        return password

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Sends nothing: this release has no e-mail, and an account is recovered by its code."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    """Keeps the secrets of second factors as names are kept: a copy of the database does not reveal them."""

    def encrypt(self, text: str) -> str:
        return seal_text(text)

    def decrypt(self, encrypted_text: str) -> str:
        return open_text(encrypted_text)

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, object]:
        return {**super().get_public_key_credential_user_entity(user), "name": user.email, "display_name": user.name}
