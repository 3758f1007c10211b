"""Tests: Articles and words."""
