"""Calls, driven by hand."""
