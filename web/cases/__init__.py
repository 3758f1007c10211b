"""Customers, tickets, tasks, articles and reviews: lists, one of them, and what is done with it."""
