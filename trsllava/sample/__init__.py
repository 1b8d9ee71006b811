"""The sample archive: overhead scenes drawn by program, with captions that are true of them."""
