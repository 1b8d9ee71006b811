"""Dialogues, simulated: how far questions and answers bring up the picture that is looked for."""
