"""Tests: Tickets."""
