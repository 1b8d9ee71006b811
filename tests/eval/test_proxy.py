import numpy as np
import pytest

from eval.datasets.captions import CaptionedImage
from eval.proxy import best_worded, machine_task, nearest_captions, proxy_task
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


def test_nearest_captions_come_best_first_and_pass_over_a_pictures_own():
    pictures = np.eye(3, dtype=np.float32)
    captions = np.array([[1, 0, 0], [0.8, 0.6, 0], [0, 0.6, 0.8], [0, 0, 1]], np.float32)
    assert nearest_captions(pictures, captions, k=2).tolist() == [[0, 1], [1, 2], [3, 2]]
    own = nearest_captions(pictures, captions, own=[[0], [1], [3]], k=2)
    assert own[:, 0].tolist() == [1, 2, 2]
    assert nearest_captions(pictures, captions, k=9).shape == (3, 4)


def test_a_machines_document_is_one_of_the_nearest_and_every_caption_asks():
    images = [image("a", "a ship", "a ship"), image("b", "a road", "a street")]
    nearest = np.array([[0, 1], [2, 2]])
    task = machine_task(images, ("some boats", "many boats", "a lane"), nearest)
    assert task.documents[0].texts()[0] in ("some boats", "many boats")
    assert task.documents[1].texts() == ["a lane"]
    assert task.queries == ("a ship", "a ship", "a road", "a street")
    drawn = {machine_task(images, ("some boats", "many boats", "a lane"), nearest, seed).documents[0].texts()[0]
             for seed in range(9)}  # fmt: skip
    assert drawn == {"some boats", "many boats"}


def test_the_best_worded_of_the_nearest_shares_most_words_with_people():
    images = [image("a", "a white ship", "the ship"), image("b", "a road", "a street")]
    texts = ("a lane", "a ship", "a street", "the road")
    assert best_worded(images, texts, np.array([[0, 1], [3, 2]])).tolist() == [[1], [2]]
    assert best_worded(images, texts, np.array([[0], [0]])).tolist() == [[0], [0]]
