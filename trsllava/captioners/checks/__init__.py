"""What is checked after every answer: one subject a file; `repair` and `faults` put them in order."""
