"""Menus: the flow interpreter, prompts and read-outs."""
