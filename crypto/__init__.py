"""CT1, the protocol of a thread (docs/protocol.md): pure functions over bytes, the same in both languages.

`opening` needs keys that the server never has; everything else is safe to import there.
"""
