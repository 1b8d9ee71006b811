"""Two runs of one task."""

import pytest

from eval.comparison import Comparison, Difference, compare_runs
from trsllava.errors import InputError
from trsllava.records import RichCaption, RichText


def difference(gain, low, high, p):
    return Difference(figure="mR", first=20, second=20 + gain, gain=gain, low=low, high=high, p=p)


def test_the_figures_are_those_of_the_reports(make_run):
    good, bad = make_run(), make_run("bad", dict.fromkeys(("a.png", "b.png", "c.png", "d.png"), "a field"))
    found = compare_runs(bad, good)
    assert (found.mean.first, found.mean.second) == pytest.approx((bad.report.mR, good.report.mR), abs=1e-3)
    assert found.mean.gain == pytest.approx(good.report.mR - bad.report.mR, abs=1e-3)
    assert [figure.figure for figure in found.figures] == [
        f"{way} {k}" for way in ("T2I", "I2T") for k in ("R@1", "R@5", "R@10")
    ]


def test_a_run_is_not_better_than_itself(make_run):
    found = compare_runs(make_run("one"), make_run("other"))
    assert (found.mean.gain, found.mean.p) == (0, 1)
    assert "is not significant" in found.sentence()


def test_plain_words_name_the_better_run():
    gain = difference(2.5, 1.0, 4.0, 0.0001)
    assert (
        "'b' is better than 'a' by 2.50 points" in Comparison(first="a", second="b", mean=gain, figures=()).sentence()
    )
    loss = difference(-2.5, -4.0, -1.0, 0.0001)
    assert (
        "'a' is better than 'b' by 2.50 points" in Comparison(first="a", second="b", mean=loss, figures=()).sentence()
    )


@pytest.mark.parametrize(("low", "p", "significant"), [(0.1, 0.04, True), (-0.1, 0.04, False), (0.1, 0.06, False)])
def test_interval_and_test_must_agree(low, p, significant):
    assert difference(2.0, low, 4.0, p).significant is significant


def asked_by(text):
    return {
        image: RichText(variants=(RichCaption(caption=f"{text} {image}"),), model="m")
        for image in ("a.png", "b.png", "c.png", "d.png")
    }


def test_runs_of_different_tasks_are_refused_with_what_differs(make_run):
    human, rich = make_run(), make_run(queries=asked_by("seen"))
    with pytest.raises(InputError, match="the first has human queries, the second rich text queries"):
        compare_runs(human, rich)
    with pytest.raises(InputError, match=r"different queries .*'seen a\.png' and 'told a\.png'"):
        compare_runs(rich, make_run(queries=asked_by("told")))
    moved = human.model_copy(update={"images": human.images[:-1]})
    with pytest.raises(InputError, match=r"different images .*4 and 3"):
        compare_runs(human, moved)
    protocol = human.report.protocol.model_copy(update={"split": "val"})
    other = human.model_copy(update={"report": human.report.model_copy(update={"protocol": protocol})})
    with pytest.raises(InputError, match="the first is on split 'test', the second on 'val'"):
        compare_runs(human, other)
