"""What is checked after every answer: one subject a file; `repair` and `refusal` put them in order."""
