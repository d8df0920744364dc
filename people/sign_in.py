"""The three doors of allauth that stay open: session, login, signup.

Its others are not mounted: a password changed or reset there would part from the slot that opens the keys, and
the person would sign in to an account that nothing can read.
"""

from __future__ import annotations

from allauth.headless.account import views
from allauth.headless.constants import Client
from django.urls import include, path

_auth = [
    path("session", views.SessionView.as_api_view(client=Client.BROWSER), name="current_session"),
    path("login", views.LoginView.as_api_view(client=Client.BROWSER), name="login"),
    path("signup", views.SignupView.as_api_view(client=Client.BROWSER), name="signup"),
]

app_name = "headless"
urlpatterns = [path("browser/v1/auth/", include(_auth))]
