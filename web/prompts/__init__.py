"""The owner's own prompts: heard, uploaded, spoken from text, taken away."""
