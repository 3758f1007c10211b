"""Lines and telephones: what they measure, what is wrong with them, in words; the printed card."""
