import pytest

from eval.datasets.captions import CaptionedImage
from eval.proxy import proxy_task
from trsllava.errors import InputError


def image(name, *captions):
    return CaptionedImage(image=name, captions=captions)


def test_the_first_caption_is_the_document_and_those_with_other_text_the_queries():
    task = proxy_task([image("a", "a ship", "a boat", "a ship", "a quay"), image("b", "a road", "a street")])
    assert [document.texts() for document in task.documents] == [["a ship"], ["a road"]]
    assert task.queries == ("a boat", "a quay", "a street")
    assert task.owner.tolist() == [0, 0, 1]


def test_images_with_one_distinct_caption_are_left_out():
    task = proxy_task([image("a", "a ship", "a ship"), image("b", "a road", "a street")])
    assert task.images == ("b",)
    assert task.owner.tolist() == [0]


def test_a_blank_caption_can_be_a_query_and_no_document():
    task = proxy_task([image("a", "", "a ship", "a boat")])
    assert task.documents[0].texts() == ["a ship"]
    assert task.queries == ("", "a boat")


def test_a_split_without_two_different_captions_of_an_image_is_an_error():
    with pytest.raises(InputError, match="two different captions"):
        proxy_task([image("a", "a ship", "a ship")])
