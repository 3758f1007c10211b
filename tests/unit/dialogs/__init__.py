"""Dialogs with a handset."""
