"""Menus: drawn, changed by forms, tried before they count."""
