"""Mailboxes: leaving a message, listening to it."""
