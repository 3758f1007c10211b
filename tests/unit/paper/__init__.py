"""Pages of paper."""
