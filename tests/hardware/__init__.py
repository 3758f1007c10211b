"""The driver paths on genuine kernel devices."""
