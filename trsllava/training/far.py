"""Fine-grained attribute reasoning (DiaRet, section 3.2) for training: captions to attribute sentences.

Where there is no dialogue, one caption of a picture plays the query and its others the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eval.datasets.captions import image_key
from trsllava.dialogue.written import WrittenDialogue
from trsllava.errors import InputError
from trsllava.search.instructions import instructions
from trsllava.training.words import Saying


def pseudo_dialogues(captions: Sequence[str]) -> list[Saying]:
    """Each distinct caption of a picture as the query, and the attribute sentences that its other captions lead to."""
    distinct = list(dict.fromkeys(captions))
    dialogues = []
    for query in distinct:
        edits = instructions(query, [caption for caption in distinct if caption != query])
        dialogues.append(Saying(query, ". ".join(filter(None, (edit.sentence() for edit in edits)))))
    return dialogues


def dialogue_sayings(names: Sequence[str], dialogues: Iterable[WrittenDialogue]) -> tuple[tuple[Saying, ...], ...]:
    """Of each image, its dialogues: the first query, the attribute sentences, and their keywords as words to hide.

    Raises InputError where no dialogue is about one of the images.
    """
    by_image: dict[str, list[Saying]] = {}
    for dialogue in dialogues:
        words = frozenset(word for keyword in dialogue.keywords for word in keyword.lower().split())
        saying = Saying(dialogue.query, ". ".join(dialogue.sentences()), words)
        by_image.setdefault(image_key(dialogue.image), []).append(saying)
    found = tuple(tuple(by_image.get(image_key(name), ())) for name in names)
    if not any(found):
        raise InputError(
            f"None of the {len(by_image)} images of the dialogues is among the {len(names)} to learn from; the paths "
            "of both are relative to the same folder. Make dialogues with `trsllava dialogue generate`."
        )
    return found
