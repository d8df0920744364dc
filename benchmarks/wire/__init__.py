"""The message path's load, and what stands beside it: raw sockets with a group commit, and plain Channels."""
