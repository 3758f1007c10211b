"""What is done at a telephone: its two calls, its codes, its bell, and who looks after it."""
