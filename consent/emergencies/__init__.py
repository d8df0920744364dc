"""Emergency access: declared for one patient, loudly, for hours, and reviewed."""
