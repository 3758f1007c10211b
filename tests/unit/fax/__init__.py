"""Tests of what a fax is."""
