"""faxd: T.30 over the sound of fax ends."""
