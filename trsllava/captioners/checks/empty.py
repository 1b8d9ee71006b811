"""Fields with nothing in them."""

from __future__ import annotations

from trsllava.captioners.answer import RsrtAnswer


def fault(answer: RsrtAnswer) -> str:
    """Names the first field that holds no word."""
    for number, variant in enumerate(answer.variants, start=1):
        fields = {"one_sentence": variant.one_sentence, "feature": variant.feature, "caption": variant.caption}
        for field, value in fields.items():
            if not any(letter.isalnum() for letter in "".join(value)):
                return f"variant {number}: {field} is empty"
    return "" if answer.labels else "no label is left"
