"""Tests of queues and agents."""
