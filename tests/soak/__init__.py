"""Seeded schedules of faults over the real client: in virtual time here, over sockets in test_over_sockets.py."""
