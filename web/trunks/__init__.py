"""Trunks on the page: how each is, and whether its network carries speech."""
