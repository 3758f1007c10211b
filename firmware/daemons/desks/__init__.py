"""Where people ask for something: each desk answers one kind of question behind calld."""
