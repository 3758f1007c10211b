"""The supervisors' board: people, queues, lines, what to do about them, today's figures."""
