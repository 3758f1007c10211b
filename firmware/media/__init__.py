"""Sample arithmetic."""
