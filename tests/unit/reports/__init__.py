"""Figures: by hand, by an independent script, and by identities over random calls."""
