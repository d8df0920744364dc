"""Being reached: on-call roles, quiet hours, notices that wait their time, and the crisis lines of a place."""
