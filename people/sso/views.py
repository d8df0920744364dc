"""The doors of signing in by an identity provider: parse, act, respond."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from people.models import ExternalIdentity, Organisation, User
from people.rationing import limit
from people.reading import person_of
from people.shapes import millis
from people.sso import actions
from people.sso.rules import Provider
from wire import sso as wire
from wire.people import Done

router = Router(tags=["sso"])


def shown(provider: Provider) -> wire.IdentityProviderOut:
    return wire.IdentityProviderOut(id=provider.id, organisation=provider.organisation)


def offered() -> list[wire.IdentityProviderOut]:
    """Every provider whose organisation exists here."""
    names = {one.organisation for one in actions.providers()}
    there = set(Organisation.objects.filter(name__in=names).values_list("name", flat=True))
    return [shown(one) for one in actions.providers() if one.organisation in there]


def _standing(user: User) -> wire.LinkedIdentities:
    links = {row.issuer: row for row in ExternalIdentity.objects.filter(user=user)}
    own = [one for one in actions.providers() if actions.serves(one, user)]
    return wire.LinkedIdentities(
        offered=[shown(one) for one in own],
        linked=[
            wire.LinkedIdentity(
                id=one.id,
                organisation=one.organisation,
                since=millis(links[one.issuer].since),
                last_used=millis(used) if (used := links[one.issuer].last_used) else None,
            )
            for one in actions.providers()
            if one.issuer in links
        ],
    )


@router.post("/sso/begin", auth=None, response=wire.SsoAddress)
def begin_sign_in(request: HttpRequest, body: wire.SsoBegin) -> wire.SsoAddress:
    limit(request, "sso", "begin")
    return wire.SsoAddress(address=actions.begin_sign_in(request, body.provider))


@router.post("/sso/finish", auth=None, response=Done)
def finish_sign_in(request: HttpRequest, body: wire.SsoReturn) -> Done:
    limit(request, "sso", "finish")
    actions.sign_in(request, body)
    return Done()


@router.get("/me/identities", response=wire.LinkedIdentities)
def identities(request: HttpRequest) -> wire.LinkedIdentities:
    return _standing(person_of(request.user))


@router.post("/me/identities/begin", response=wire.SsoAddress)
def begin_linking(request: HttpRequest, body: wire.SsoBegin) -> wire.SsoAddress:
    limit(request, "sso", "link")
    return wire.SsoAddress(address=actions.begin_linking(request, person_of(request.user), body.provider))


@router.post("/me/identities", response=wire.LinkedIdentities)
def link(request: HttpRequest, body: wire.SsoReturn) -> wire.LinkedIdentities:
    user = person_of(request.user)
    actions.link(request, user, body)
    return _standing(user)


@router.delete("/me/identities/{provider}", response=Done)
def unlink(request: HttpRequest, provider: str) -> Done:
    actions.unlink(person_of(request.user), provider)
    return Done()
