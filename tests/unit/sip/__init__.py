"""Tests of the rules of trunks, one file each."""
