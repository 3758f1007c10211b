"""Rules of trunks: answers, identities, who may call, when to register. No library, no socket."""
