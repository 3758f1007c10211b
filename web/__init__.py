"""The page on the office's network."""
