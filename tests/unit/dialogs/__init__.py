"""Tests of dialogs with handsets."""
