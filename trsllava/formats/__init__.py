"""How hits are shown: one file a format, pure functions from hits to text."""
