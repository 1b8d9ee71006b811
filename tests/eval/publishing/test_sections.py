"""What a report says."""

import pytest

from eval.publishing.details import by_class, worst
from eval.publishing.sections import sections
from tests.eval.conftest import CAPTIONED
from trsllava.records import RichCaption, RichText

IMAGES = ("a.png", "b.png", "c.png", "d.png")
ASKED = {image: RichText(variants=(RichCaption(caption=f"seen {image}"),), model="m") for image in IMAGES}


@pytest.fixture
def bad(make_run):
    return make_run("bad", dict.fromkeys(IMAGES, "a quay"))


def test_human_and_rich_text_queries_are_never_in_one_table(make_run, bad):
    rich = make_run("rich", queries=ASKED)
    found = sections([make_run(), rich, bad])
    assert [[run.name for run in section.runs] for section in found] == [["good", "bad"], ["rich"]]
    assert [section.queries for section in found] == ["human", "rich text"]
    assert {row.system for row in found[0].rows()} == {"good", "bad"}


def on_rsicd(run):
    protocol = run.report.protocol.model_copy(update={"n_images": 1093, "n_queries": 5465})
    return run.model_copy(update={"report": run.report.model_copy(update={"protocol": protocol})})


def test_a_run_on_a_published_set_stands_beside_published_figures_of_the_same_queries(make_run):
    (section,) = sections([on_rsicd(make_run())])
    assert section.title == "Human queries on RSICD test"
    rows = {row.system: row for row in section.rows()}
    assert {"good", "CLIP, zero-shot", "RemoteCLIP, ViT-L/14"} <= set(rows)
    assert "TRSLLaVA, five GPT-4.1 variants" not in rows
    assert [row.system for row in section.others()["rich text"]] == ["TRSLLaVA, five GPT-4.1 variants"]
    assert all(row.oracle for row in section.others()["dialogue"])
    assert (rows["RemoteCLIP, ViT-L/14"].trained, rows["good"].trained) == (True, None)


def test_as_many_images_with_other_captions_are_another_set(make_run):
    run = on_rsicd(make_run())
    protocol = run.report.protocol.model_copy(update={"n_queries": 1093})
    (section,) = sections([run.model_copy(update={"report": run.report.model_copy(update={"protocol": protocol})})])
    assert (section.of, section.title) == (None, "Human queries on split 'test'")


def test_rich_text_runs_stand_beside_rich_text_figures(make_run):
    (section,) = sections([on_rsicd(make_run(queries=ASKED))])
    assert {row.system for row in section.rows()} == {"good", "TRSLLaVA, five GPT-4.1 variants"}
    assert set(section.others()) == {"human", "dialogue"}


def test_a_run_on_no_published_set_stands_alone(make_run):
    (section,) = sections([make_run()])
    assert section.of is None
    assert section.others() == {}
    assert [row.system for row in section.rows()] == ["good"]


def test_every_two_runs_of_a_task_are_compared(make_run, bad):
    (section,) = sections([make_run(), bad, make_run("third")])
    pairs = [(verdict.comparison.first, verdict.comparison.second) for verdict in section.verdicts]
    assert pairs == [("good", "bad"), ("good", "third"), ("bad", "third")]
    assert section.verdicts is section.verdicts
    assert all(verdict.adjusted >= verdict.comparison.mean.p for verdict in section.verdicts)


def test_classes_have_the_mean_recall_of_their_own_queries(make_run, bad):
    rows = by_class([make_run(), bad])
    assert {row.name: row.images for row in rows} == {"port": 2, "field": 2}
    for place, run in enumerate((make_run(), bad)):
        assert sum(row.mR[place] for row in rows) / 2 == pytest.approx(run.report.mR, abs=1e-3)


def test_images_without_classes_have_no_breakdown(make_run):
    run = make_run()
    bare = run.model_copy(update={"images": tuple(i.model_copy(update={"group": ""}) for i in run.images)})
    assert by_class([bare]) == []


def test_the_worst_queries_are_those_whose_answers_come_last_one_an_image(bad):
    side = bad.outcomes["t2i"]
    last = {image: max(r for r, unit in zip(side.rank, side.unit, strict=True) if unit == place)
            for place, image in enumerate(IMAGES)}  # fmt: skip
    found = worst(bad, "t2i", 3)
    assert [miss.rank for miss in found] == sorted(last.values(), reverse=True)[:3]
    assert all(last[miss.picture] == miss.rank for miss in found)
    assert len({miss.picture for miss in found}) == 3


def test_what_found_its_answer_first_is_no_miss_however_few_others_there_are(make_run):
    perfect = make_run(documents={image.image: " ".join(image.captions) for image in CAPTIONED})
    assert set(perfect.outcomes["i2t"].rank) == {1.0}
    assert worst(perfect, "i2t", 4) == []
    missed = sum(rank > 1 for rank in perfect.outcomes["t2i"].rank)
    assert len(worst(perfect, "t2i", 8)) <= missed


def test_a_miss_shows_what_was_asked_what_was_right_and_the_best_wrong_answer(make_run):
    documents = {"a.png": "a road", "b.png": "x", "c.png": "a green field", "d.png": "a grey ship at a quay"}
    asked = next(miss for miss in worst(make_run(documents=documents), "t2i", 4) if miss.picture == "a.png")
    assert (asked.asked, asked.right, asked.wrong) == ("a grey ship at a quay", "a.png", "d.png")
    with_a = next(miss for miss in worst(make_run(documents=documents), "i2t", 4) if miss.picture == "a.png")
    assert (with_a.asked, with_a.wrong, with_a.wrong_picture) == ("a.png", "a road", "d.png")
    assert with_a.right == "a grey ship at a quay"
