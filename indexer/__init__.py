"""The offline job: discover, caption, check, embed, store."""
