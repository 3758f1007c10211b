"""Copper, telephones and exchange lines."""
