"""The sound path, block by block."""
