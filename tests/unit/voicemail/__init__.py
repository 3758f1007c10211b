"""Mailboxes, driven by hand."""
