"""Queues and agents: who waits, who is free, who is rung for whom, and why."""
