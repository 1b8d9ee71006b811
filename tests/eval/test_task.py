import pytest

from eval.datasets.captions import CaptionedImage
from eval.task import human_task, queries_in_documents, rich_text_task
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def rich(*captions, model="teller"):
    return RichText(variants=tuple(RichCaption(caption=caption) for caption in captions), model=model)


IMAGES = [
    CaptionedImage(image="x/a.jpg", captions=("a ship", "a ship", "a boat")),
    CaptionedImage(image="y/a.jpg", captions=("a road",)),
]
DOCUMENTS = {"y/a.jpg": rich("one road"), "./x/a.jpg": rich("one ship"), "z/a.jpg": rich("unasked")}


def test_every_human_caption_is_a_query_that_belongs_to_its_image():
    task = human_task(IMAGES, DOCUMENTS)
    assert task.queries == ("a ship", "a ship", "a boat", "a road")
    assert task.owner.tolist() == [0, 0, 0, 1]
    assert task.query_kind == "human"


def test_documents_are_matched_by_their_path_and_not_by_their_name():
    task = human_task(IMAGES, DOCUMENTS)
    assert [document.texts() for document in task.documents] == [["one ship"], ["one road"]]


def test_images_without_a_document_are_an_error_that_counts_them():
    with pytest.raises(InputError, match=r"1 of 2 images .* 'x/a.jpg'"):
        human_task(IMAGES, {"y/a.jpg": rich("one road"), "a.jpg": rich("one ship")})


def test_every_variant_of_another_captioner_is_a_query():
    queries = {"x/a.jpg": rich("vessel", "vessel at sea", model="other"), "y/a.jpg": rich("street", model="other")}
    task = rich_text_task(IMAGES, DOCUMENTS, queries)
    assert task.queries == ("vessel", "vessel at sea", "street")
    assert task.owner.tolist() == [0, 0, 1]
    assert (task.query_kind, task.query_source) == ("rich text", "other")


def test_images_without_a_query_are_an_error():
    with pytest.raises(InputError, match=r"1 of 2 images .* query"):
        rich_text_task(IMAGES, DOCUMENTS, {"x/a.jpg": rich("vessel")})


def test_documents_are_not_their_own_queries():
    five = DOCUMENTS | {"x/a.jpg": rich("one ship", "a vessel")}
    for documents in (DOCUMENTS, five):
        with pytest.raises(InputError, match=r"2 queries .* `queries`"):
            rich_text_task(IMAGES, documents, DOCUMENTS)


def test_a_part_of_queries_that_stand_in_their_own_documents_is_told_as_a_share():
    queries = {"x/a.jpg": rich("one road", " one ship "), "y/a.jpg": rich("street", "way")}
    assert queries_in_documents(rich_text_task(IMAGES, DOCUMENTS, queries)) == 0.25
    assert queries_in_documents(human_task(IMAGES, DOCUMENTS)) == 0.0
