"""Numbers that the caption decoder's words have, for those who train it and those who run it without torch."""

from __future__ import annotations

END = 0
"""Opens and closes a sentence, and fills the room after it."""
UNKNOWN = 1
"""Any word that is too rare to be learnt."""
FIRST_WORD = 2
"""The vocabulary's first word; the others follow."""
