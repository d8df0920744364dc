"""The HTTP API under /api: every app's router, and one translation of refusals."""

from __future__ import annotations

import structlog
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from ninja.security import django_auth

from conference.views import router as conference_router
from consent.emergencies.views import router as emergency_router
from consent.patient_views import router as patient_router
from consent.report_views import router as report_router
from consent.standing_views import router as standing_router
from consent.views import router as consent_router
from consent.witness_views import router as witness_router
from crypto.errors import Ct1Error
from interop import views as fhir
from live.store import UNREACHABLE, unavailable
from messaging.attachments.views import router as attachments_router
from messaging.compliance.views import router as compliance_router
from messaging.urgency.views import router as urgency_router
from messaging.views import router as messaging_router
from people.sso.views import router as sso_router
from people.standby.views import router as standby_router
from people.views import router as people_router
from scheduling.views import router as scheduling_router
from wire.base import b64
from wire.errors import Code, ConsiliumError, ErrorBody, NotFound, SignedOut

log = structlog.get_logger("api")


class _Encoder(NinjaJSONEncoder):
    """Ninja dumps a model in Python's types first, so its bytes arrive here as bytes."""

    def default(self, o: object) -> object:
        return b64(o) if isinstance(o, bytes) else super().default(o)


class _Renderer(JSONRenderer):
    encoder_class = _Encoder


api = NinjaAPI(title="Consilium", version="1", auth=django_auth, renderer=_Renderer(), docs_url=None, openapi_url=None)
for _router in (
    people_router,
    sso_router,
    standby_router,
    consent_router,
    patient_router,
    report_router,
    standing_router,
    witness_router,
    emergency_router,
    messaging_router,
    attachments_router,
    compliance_router,
    urgency_router,
    conference_router,
    scheduling_router,
    fhir.router,
):
    api.add_router("", _router)


def _answer(request: HttpRequest, body: ErrorBody, status: int) -> HttpResponse:
    return fhir.refusal(request, body, status) or api.create_response(request, body.model_dump(), status=status)


@api.exception_handler(ConsiliumError)
def refused(request: HttpRequest, error: ConsiliumError) -> HttpResponse:
    return _answer(request, error.body(), error.status)


@api.exception_handler(Ct1Error)
def refused_by_protocol(request: HttpRequest, error: Ct1Error) -> HttpResponse:
    """A signed object that breaks a CT1 rule: its code passes through unchanged (docs/protocol.md)."""
    return _answer(request, ErrorBody(code=error.code, message=str(error)), 422)


@api.exception_handler(AuthenticationError)
def signed_out(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    refusal = SignedOut("Please sign in.")
    return _answer(request, refusal.body(), refusal.status)


@api.exception_handler(ValidationError)
def malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Names the first field that is wrong, never its value: a value may be content."""
    first = error.errors[0] if error.errors else {}
    where = ".".join(str(part) for part in first.get("loc", ()) if part not in ("body", "payload"))
    message = str(first.get("msg", "The request is malformed."))
    return _answer(request, ErrorBody(code=Code.INVALID, message=message, re=where), 400)


def unreachable(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    """The store does not answer: nothing can be decided, so nothing is shown or done."""
    log.warning("store.unreachable", error=str(type(error).__name__))
    refusal = unavailable()
    return _answer(request, refusal.body(), refusal.status)


for _error in UNREACHABLE:
    api.add_exception_handler(_error, unreachable)


@api.exception_handler(DataError)
def not_storable(request: HttpRequest, error: DataError) -> HttpResponse:
    """A NUL in a text or a number beyond its column: nobody's client sends it, and nothing was written."""
    return _answer(request, ErrorBody(code=Code.INVALID, message="A value cannot be stored."), 400)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    refusal = NotFound()
    return _answer(request, refusal.body(), refusal.status)


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, ErrorBody(code=Code.INVALID, message=str(error)), error.status_code)
