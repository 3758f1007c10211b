"""Tests: Marks and reviews."""
