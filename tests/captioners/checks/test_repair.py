from hypothesis import given
from hypothesis import strategies as st

from trsllava.captioners.answer import Bounds, RsrtAnswer, RsrtVariant
from trsllava.captioners.checks.repair import repaired

BOUNDS = Bounds(one_sentence=60, features=3, feature=20, caption=80, labels=3, label=10)
PIECES = st.sampled_from(
    [
        "This is an image of ",
        "a harbor",
        " with 40% water",
        ", ",
        ". ",
        "two ships",
        "\x07",
        "\n\n",
        "(30 pixels)",
        "The quay",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)
VARIANTS = st.builds(RsrtVariant, one_sentence=TEXTS, feature=st.lists(TEXTS, max_size=5), caption=TEXTS)
ANSWERS = st.builds(
    RsrtAnswer, variants=st.lists(VARIANTS, min_size=2, max_size=4), labels=st.lists(TEXTS, max_size=5)
)


@given(ANSWERS)
def test_mending_twice_changes_nothing_more(answer: RsrtAnswer) -> None:
    once, _ = repaired(answer, 2, BOUNDS)
    again, repairs = repaired(once, 2, BOUNDS)
    assert (again, repairs) == (once, ())


@given(ANSWERS)
def test_what_is_mended_is_within_its_bounds_and_readable(answer: RsrtAnswer) -> None:
    mended, repairs = repaired(answer, 2, BOUNDS)
    assert len(mended.variants) == 2
    assert len(mended.labels) <= BOUNDS.labels
    for variant in mended.variants:
        assert len(variant.feature) <= BOUNDS.features
        assert all(len(feature) <= BOUNDS.feature for feature in variant.feature)
        assert (variant.one_sentence + variant.caption).isprintable()
    assert (mended == answer) == (repairs == ())


@given(ANSWERS)
def test_nothing_is_mended_that_is_skipped(answer: RsrtAnswer) -> None:
    skip = ("unreadable", "boilerplate", "figures", "length")
    mended, repairs = repaired(answer, 4, BOUNDS, skip)
    assert (mended, repairs) == (answer, ())


def test_a_paragraph_that_was_cut_off_ends_with_its_last_whole_sentence() -> None:
    long = "Two cranes stand on a quay. A ship lies beside them. The water is dark gre" + "e" * 6
    variant = RsrtVariant(one_sentence="A harbor.", feature=["a ship"], caption=long)
    mended, repairs = repaired(RsrtAnswer(variants=[variant, variant], labels=["harbor"]), 2, BOUNDS)
    assert mended.variants[0].caption == "Two cranes stand on a quay. A ship lies beside them."
    assert repairs == ("length",)
