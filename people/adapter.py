"""How allauth behaves here: an account is opened with an enrolment code, and nothing is mailed."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    pass
