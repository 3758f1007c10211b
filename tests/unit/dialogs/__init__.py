"""Prompts, read-outs and flows."""
