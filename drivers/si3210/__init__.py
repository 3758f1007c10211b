"""Si3210 and Si3215: a telephone's port."""
