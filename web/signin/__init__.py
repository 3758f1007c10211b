"""Signing in and out, the first owner, one's own password."""
