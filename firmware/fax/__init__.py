"""Fax: what is sent and received, and what became of it. Values and rules, no sound and no file."""
