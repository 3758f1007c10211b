"""Tests of the folder's modules, one file each."""
