"""nano as a captioner: what a small network of ours sees, put into words."""
