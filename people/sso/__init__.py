"""Signing in by an organisation's own identity provider (OpenID Connect): who somebody is, and no key."""
