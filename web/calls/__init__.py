"""One call as a story, and recordings: found, heard, taken out, held."""
