"""Tests of the links between programs."""
