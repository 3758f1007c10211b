"""The page of telephones and exchange lines of `make run`."""
