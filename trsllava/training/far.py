"""Fine-grained attribute reasoning (DiaRet, section 3.2) for training: captions to attribute sentences.

Where there is no dialogue, one caption of a picture plays the query and its others the answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from trsllava.search.instructions import instructions


def pseudo_dialogues(captions: Sequence[str]) -> list[tuple[str, str]]:
    """Each distinct caption of a picture as the query, and the attribute sentences that its other captions lead to."""
    distinct = list(dict.fromkeys(captions))
    dialogues = []
    for query in distinct:
        edits = instructions(query, [caption for caption in distinct if caption != query])
        dialogues.append((query, ". ".join(filter(None, (edit.sentence() for edit in edits)))))
    return dialogues
