import pytest

from eval.datasets.captioned import read_captioned
from trsllava.errors import CaptionFileError


@pytest.fixture
def folder(tmp_path):
    """As AMFMN's: test names the image of each line, train that of each five; val is split off train."""
    home = tmp_path / "rsicd_precomp"
    home.mkdir()
    write(
        home,
        "test",
        [f"port {n} ." for n in range(5)] + [f"field {n} ." for n in range(5)],
        ["p.jpg"] * 5 + ["f.jpg"] * 5,
    )
    write(home, "train", [f"road {n}" for n in range(10)], ["r.jpg", "s.jpg"])
    return home


def write(home, split, captions, names, ending=""):
    (home / f"{split}_caps{ending}.txt").write_text("".join(f"{line}\n" for line in captions))
    (home / f"{split}_filename{ending}.txt").write_text("".join(f"{line}\n" for line in names))


def test_captions_of_an_image_named_on_each_of_their_lines(folder):
    images = read_captioned(folder, "test")
    assert [(image.image, image.split) for image in images] == [("p.jpg", "test"), ("f.jpg", "test")]
    assert images[1].captions == tuple(f"field {n} ." for n in range(5))


def test_captions_of_an_image_named_once_for_five_lines(folder):
    images = read_captioned(folder, "train")
    assert [image.image for image in images] == ["r.jpg", "s.jpg"]
    assert images[1].captions == tuple(f"road {n}" for n in range(5, 10))


def test_training_and_validation_are_read_from_where_they_were_split(folder):
    write(folder, "train", ["road"], ["r.jpg"], "_verify")
    write(folder, "val", ["street"], ["s.jpg"], "_verify")
    assert [image.image for image in read_captioned(folder, "train")] == ["r.jpg"]
    assert [image.image for image in read_captioned(folder, "val")] == ["s.jpg"]
    assert [image.image for image in read_captioned(folder)] == ["p.jpg", "f.jpg", "r.jpg", "s.jpg"]


def test_blank_captions_count_and_white_space_around_lines_does_not(folder):
    (folder / "test_caps.txt").write_bytes(b" a port \r\n\r\n a quay\r\n")
    (folder / "test_filename.txt").write_bytes(b"p.jpg\r\np.jpg\r\np.jpg")
    assert read_captioned(folder, "test")[0].captions == ("a port", "", "a quay")


@pytest.mark.parametrize("missing", ["test_caps.txt", "test_filename.txt"])
def test_a_file_that_is_missing_is_named_by_its_path(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(CaptionFileError, match="does not exist") as error:
        read_captioned(folder, "test")
    assert str(folder / missing) in str(error.value)


def test_a_folder_of_something_else_is_told_what_was_looked_for(tmp_path):
    with pytest.raises(CaptionFileError, match=r"test_caps\.txt does not exist"):
        read_captioned(tmp_path)


def test_files_that_do_not_go_together_are_named_with_their_lengths(folder):
    (folder / "test_filename.txt").write_text("p.jpg\nf.jpg\nq.jpg\n")
    with pytest.raises(CaptionFileError, match=r"test_caps\.txt has 10 lines and .*test_filename\.txt 3"):
        read_captioned(folder, "test")


def test_a_line_that_names_no_image_is_an_error(folder):
    (folder / "train_filename.txt").write_text("r.jpg\n\n")
    with pytest.raises(CaptionFileError, match="train_filename"):
        read_captioned(folder, "train")
