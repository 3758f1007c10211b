"""Register-accurate chips with two faces: bytes and copper."""
