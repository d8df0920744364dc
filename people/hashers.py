"""How the server keeps the derived sign-in secret."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class DerivedSecretHasher(PBKDF2PasswordHasher):
    """PBKDF2 with few rounds: the secret is Argon2id's output already (64 MiB, 3 passes, docs/protocol.md).

    A thief of the database pays that price for every guess whatever is done here, and the wrapped keys beside it
    are the cheaper oracle. A million rounds more would cost 0.4 s of the server's time at each sign-in and the
    thief a few per cent. What this does keep from the thief is the secret itself, which would sign in.
    """

    algorithm = "pbkdf2_sha256_derived"
    iterations = 20_000
