"""The vocabulary of the whole product; imports nothing of ours."""
