"""Queues, agents and supervisors joined to the office."""
