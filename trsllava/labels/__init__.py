"""Label trees: what an archive's labels are called, and what belongs to what."""
