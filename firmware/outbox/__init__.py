"""What leaves the box besides speech: text messages, mail, web hooks, call records on a cable."""
