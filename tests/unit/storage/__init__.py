"""Tests of what the box keeps."""
