"""Benchmarks: one module per subject, each with figures()."""
