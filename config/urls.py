"""Every address the server answers."""

from __future__ import annotations

from django.urls import include, path, re_path

from config.api import api
from config.views import client, healthz, readyz
from scheduling.views import feed

handler400 = "config.views.malformed"
handler403 = "config.views.forbidden"
handler404 = "config.views.absent"
handler500 = "config.views.failed"

urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("api/", api.urls),
    path("_allauth/", include("people.sign_in")),
    path("feeds/<str:token>.ics", feed),
    re_path(r"^(?!api/|_allauth/|feeds/|static/|assets/|ws$)[^.]*$", client),
]
