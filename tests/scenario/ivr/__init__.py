"""Menus, from the caller's side."""
