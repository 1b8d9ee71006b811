import pytest

from eval.datasets.captioned import read_captioned
from trsllava.errors import CaptionFileError


@pytest.fixture
def written(tmp_path):
    def write(text, name="captions.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_column_a_caption(written):
    path = written(
        'image,split,scene,caption_1,caption_2\nport/a.jpg,test,port,a ship,"quays, two"\nb.jpg,train,,a road,\n'
    )
    (image,) = read_captioned(path, "test")
    assert (image.image, image.scene, image.captions) == ("port/a.jpg", "port", ("a ship", "quays, two"))
    assert read_captioned(path, "train")[0].captions == ("a road",)


def test_a_row_a_caption(written):
    path = written("image,split,caption\na.jpg,test,a ship\nb.jpg,test,a road\n./a.jpg,test,a boat\n")
    images = read_captioned(path, "test")
    assert [(image.image, image.captions) for image in images] == [
        ("a.jpg", ("a ship", "a boat")),
        ("b.jpg", ("a road",)),
    ]


def test_tab_separated_tables_with_the_column_names_of_open_clip_and_no_split(written):
    path = written("filepath\ttitle\na.jpg\ta ship, grey\n\nb.jpg\ta road\n", "pairs.tsv")
    assert [image.captions for image in read_captioned(path, "test")] == [("a ship, grey",), ("a road",)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is empty"),
        ("name,caption\na.jpg,x\n", "no column `image` or `filename` or `filepath`, its header is name, caption"),
        ("image,text\na.jpg,x\n", "no column `caption…`, its header is image, text"),
        ("image,caption,caption\na.jpg,x,y\n", "line 1: two columns"),
        ("image,caption\na.jpg,x\nb.jpg,y,z\n", "line 3: has 3 cells, the header has 2"),
        ("image,caption\na.jpg,x\n ,y\n", "line 3, column image"),
        ("image,caption\na.jpg,x\nb.jpg, \n", r"line 3: b\.jpg has no caption"),
        (
            "image,split,caption\na.jpg,test,x\na.jpg,val,y\n",
            "line 3, column split: a.jpg is in 'val' here and in 'test'",
        ),
        ('image,caption\na.jpg,"x\n', "cannot be read as a table"),
    ],
)
def test_what_is_missing_is_named_with_line_and_column(written, text, what):
    with pytest.raises(CaptionFileError, match=what) as error:
        read_captioned(written(text), "test")
    assert "captions.csv" in str(error.value)
