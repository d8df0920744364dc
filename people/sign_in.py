"""The doors of allauth that stay open: session, login, signup, proving oneself again, second factors, passkeys.

Its others are not mounted: a password changed or reset there would part from the slot that opens the keys, and
the person would sign in to an account that nothing can read.
"""

from __future__ import annotations

from allauth.headless.account import views
from allauth.headless.constants import Client
from allauth.headless.mfa import views as factors
from django.urls import include, path

_auth = [
    path("session", views.SessionView.as_api_view(client=Client.BROWSER), name="current_session"),
    path("login", views.LoginView.as_api_view(client=Client.BROWSER), name="login"),
    path("signup", views.SignupView.as_api_view(client=Client.BROWSER), name="signup"),
    path("reauthenticate", views.ReauthenticateView.as_api_view(client=Client.BROWSER), name="reauthenticate"),
    path("2fa/authenticate", factors.AuthenticateView.as_api_view(client=Client.BROWSER), name="mfa_authenticate"),
    path(
        "2fa/reauthenticate", factors.ReauthenticateView.as_api_view(client=Client.BROWSER), name="mfa_reauthenticate"
    ),
    path("webauthn/login", factors.LoginWebAuthnView.as_api_view(client=Client.BROWSER), name="passkey_login"),
    path(
        "webauthn/authenticate",
        factors.AuthenticateWebAuthnView.as_api_view(client=Client.BROWSER),
        name="passkey_authenticate",
    ),
    path(
        "webauthn/reauthenticate",
        factors.ReauthenticateWebAuthnView.as_api_view(client=Client.BROWSER),
        name="passkey_reauthenticate",
    ),
]
_account = [
    path("authenticators", factors.AuthenticatorsView.as_api_view(client=Client.BROWSER), name="authenticators"),
    path("authenticators/totp", factors.ManageTOTPView.as_api_view(client=Client.BROWSER), name="manage_totp"),
    path(
        "authenticators/recovery-codes",
        factors.ManageRecoveryCodesView.as_api_view(client=Client.BROWSER),
        name="recovery_codes",
    ),
    path("authenticators/webauthn", factors.ManageWebAuthnView.as_api_view(client=Client.BROWSER), name="passkeys"),
]

app_name = "headless"
urlpatterns = [
    path("browser/v1/auth/", include(_auth)),
    path("browser/v1/account/", include(_account)),
]
