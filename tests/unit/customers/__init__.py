"""Tests: Customers."""
