"""What can be done to a room: one function a use case, one transaction each."""

from conference.actions.rooms import close_room, open_room

__all__ = ["close_room", "open_room"]
