"""Urgency that reaches a human: priority, acknowledgement, and a clock that tells the next in line, each once."""
