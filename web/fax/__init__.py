"""Faxes on the page: sent, received, shown, answered."""
