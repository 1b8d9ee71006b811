"""Dialogue that sharpens a vague query: questions, answers, and what they make of the ranking."""
