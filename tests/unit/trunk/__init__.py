"""Tests of sipd, one file each."""
