"""Tests of what keeps the box itself."""
