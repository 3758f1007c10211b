"""Si3050 with Si3019: an exchange line's port."""
