import hashlib
import json
import signal
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest
from PIL import Image

import prompts
from trsllava.captioners.picture import data_url
from trsllava.captioners.pixels import LongestSide
from trsllava.captioners.protocol import Captioner, CaptionJob
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.errors import OutOfReachError, ServerError
from trsllava.records import Tile, Window


def pixels(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 255, (40, 60, 3), dtype=np.uint8)


def tile(number: int, north_up: bool = False) -> Tile:
    window = Window(0, 0, 60, 40)
    return Tile(id=uuid.UUID(int=number), sha256=f"{number:064x}", window=window, north_up=north_up)


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., CaptionJob]:
    """A job about a picture of its own: `job(7, north_up=True)`."""
    folder = tmp_path_factory.mktemp("archive")

    def job(number: int, attempts: int = 0, **of_tile: bool) -> CaptionJob:
        path = folder / f"{number}.png"
        if not path.exists():
            Image.fromarray(pixels(number)).save(path)
        return CaptionJob(tile(number, **of_tile), (path.as_posix(),), attempts)

    return job


def lost_job(number: int) -> CaptionJob:
    return CaptionJob(tile(number), (f"/nowhere/{number}.png",))


def image_hash(number: int) -> str:
    return hashlib.sha256(data_url(pixels(number), LongestSide(1024)).encode()).hexdigest()


def ids(*numbers: int) -> set[str]:
    return {str(uuid.UUID(int=number)) for number in numbers}


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_every_picture_gets_a_rich_text_of_five_variants(standin, job):
    captioner: Captioner = VllmCaptioner(standin.url, "standin")
    answers = list(captioner.caption(map(job, range(40))))
    assert {answer.tile_id for answer in answers} == ids(*range(40))
    assert len(answers) == len(standin.asked()) == 40
    for answer in answers:
        assert answer.error == ""
        assert len(answer.text.variants) == 5
        assert all(variant.one_sentence and variant.feature and variant.caption for variant in answer.text.variants)
        assert answer.text.labels


def test_a_rich_text_remembers_its_model_its_prompt_and_when_it_was_written(start_standin, job):
    standin = start_standin("--model", "org/model-7b")
    captioner = VllmCaptioner(standin.url)
    (answer,) = captioner.caption([job(1)])
    assert answer.text.model == "org/model-7b"
    assert answer.text.prompt == captioner.prompt == prompts.load("rsrt").name
    assert answer.text.created.tzinfo is not None
    assert captioner.name == "vllm:org/model-7b"


def test_a_named_model_needs_no_server_to_name_the_captioner():
    assert VllmCaptioner("http://nowhere.invalid", "some-model").name == "vllm:some-model"


def test_as_many_variants_are_asked_for_as_wanted(standin, job):
    (answer,) = VllmCaptioner(standin.url, variants=3).caption([job(1)])
    assert len(answer.text.variants) == 3
    assert "Write 3 descriptions" in standin.asked()[0]["system"]


def test_no_picture_gives_no_answer(standin):
    assert list(VllmCaptioner(standin.url).caption([])) == []


def test_compass_words_are_invited_only_where_north_is_known_to_be_up(standin, job):
    captioner = VllmCaptioner(standin.url, concurrency=1)
    list(captioner.caption([job(1, north_up=True), job(2)]))
    northern, other = sorted(standin.asked(), key=lambda request: request["image"] != image_hash(1))
    assert "compass words (north" in northern["user"][0]
    assert "no compass words" in other["user"][0]
    assert northern["system"] == other["system"]


def test_answers_come_as_they_are_ready(standin, job):
    standin.fail("hang", image=image_hash(0))
    answers = VllmCaptioner(standin.url).caption(map(job, range(3)))
    assert {next(answers).tile_id, next(answers).tile_id} == ids(1, 2)
    answers.close()


def test_pictures_are_drawn_only_a_little_ahead(standin, job):
    drawn = 0

    def jobs() -> Iterator[CaptionJob]:
        nonlocal drawn
        for number in range(1000):
            drawn += 1
            yield job(number)

    answers = VllmCaptioner(standin.url, concurrency=2).caption(jobs())
    for taken in range(1, 8):
        next(answers)
        assert drawn < taken + 4
    answers.close()


def test_pictures_are_drawn_in_the_callers_thread(standin, job):
    drawers = set()

    def jobs() -> Iterator[CaptionJob]:
        for number in range(8):
            drawers.add(threading.current_thread())
            yield job(number)

    list(VllmCaptioner(standin.url, concurrency=2).caption(jobs()))
    assert drawers == {threading.current_thread()}


def test_no_more_pictures_are_asked_about_at_a_time_than_allowed(start_standin, job):
    standin = start_standin("--service-time", "0.02")
    list(VllmCaptioner(standin.url, concurrency=3).caption(map(job, range(30))))
    assert max(request["in_progress"] for request in standin.asked()) == 2


def test_a_cut_answer_is_first_asked_for_again_with_more_room(standin, job):
    standin.fail("truncated")
    (answer,) = VllmCaptioner(standin.url).caption([job(1)])
    assert len(answer.text.variants) == 5
    cut, longer = standin.asked()
    assert (cut["seed"], cut["temperature"]) == (longer["seed"], longer["temperature"])
    assert longer["max_tokens"] == 2 * cut["max_tokens"]


@pytest.mark.parametrize("fault", ["blank", "prose", "wrong_schema", "too_few", "repeated", "empty_text"])
def test_a_bad_answer_is_asked_for_again_with_other_sampling(standin, job, fault):
    standin.fail(fault, times=2)
    (answer,) = VllmCaptioner(standin.url, temperature=0.2).caption([job(1)])
    assert answer.text is not None
    assert answer.attempts == 3
    temperatures = [request["temperature"] for request in standin.asked()]
    assert temperatures == sorted(set(temperatures))
    assert len({request["seed"] for request in standin.asked()}) == 3


def test_a_picture_whose_answers_stay_bad_gets_the_reason_and_the_last_answer(standin, job):
    standin.fail("german", times=-1, image=image_hash(1))
    answers = {answer.tile_id: answer for answer in VllmCaptioner(standin.url).caption([job(0), job(1), job(2)])}
    (bad,) = (answers.pop(tile_id) for tile_id in ids(1))
    assert bad.text is None
    assert "is not English" in bad.error
    assert len(json.loads(bad.raw)["variants"]) == 5
    assert bad.attempts == 3
    assert all(answer.text is not None for answer in answers.values())


def test_control_characters_are_cleaned_out_of_an_answer(standin, job):
    standin.fail("control")
    (answer,) = VllmCaptioner(standin.url).caption([job(1)])
    assert answer.attempts == 1
    assert " can be seen " in answer.text.variants[0].caption
    assert answer.text.variants[0].caption.isprintable()


def test_a_picture_that_cannot_be_read_stops_no_run(standin, job, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"no picture")
    broken_job = CaptionJob(tile(1), (path.as_posix(),))
    answers = {answer.tile_id: answer for answer in VllmCaptioner(standin.url).caption([job(0), broken_job, job(2)])}
    (broken,) = (answers.pop(tile_id) for tile_id in ids(1))
    assert broken.text is None
    assert "broken.png" in broken.error
    assert all(answer.text is not None for answer in answers.values())
    assert len(standin.asked()) == 2


def test_a_picture_that_is_out_of_reach_for_now_has_no_answer(standin, job):
    answers = VllmCaptioner(standin.url).caption([job(0), lost_job(1), job(2)])
    assert {answer.tile_id for answer in answers} == ids(0, 2)


def test_a_folder_that_goes_away_ends_the_run_with_what_was_answered(standin, job):
    captioner = VllmCaptioner(standin.url, concurrency=1)
    answered = []
    with pytest.raises(OutOfReachError, match=r"16 files in a row cannot be opened.*Bring the folder back"):
        answered.extend(
            answer.tile_id for answer in captioner.caption([*map(job, range(5)), *map(lost_job, range(5, 60))])
        )
    assert set(answered) <= ids(*range(5))
    assert len(answered) >= 4  # at most two tiles are under way at once, the lost one that ends the run among them


def test_a_picture_that_the_server_refuses_stops_no_run(standin, job):
    standin.fail("400", times=-1, image=image_hash(1))
    answers = {answer.tile_id: answer for answer in VllmCaptioner(standin.url).caption(map(job, range(40)))}
    assert {tile_id for tile_id, answer in answers.items() if answer.text is None} == ids(1)


def test_a_picture_without_an_answer_in_time_stops_no_run(standin, job):
    standin.fail("hang", times=-1, image=image_hash(1))
    answers = list(VllmCaptioner(standin.url, timeout=3).caption([job(0), job(1), job(2)]))
    (late,) = (answer for answer in answers if answer.text is None)
    assert late.tile_id in ids(1)
    assert "within 3 s" in late.error


def test_a_server_that_refuses_one_picture_after_the_other_ends_the_run(standin, job):
    standin.fail("400", times=-1)
    answers = VllmCaptioner(standin.url, concurrency=1).caption(map(job, range(1000)))
    with pytest.raises(ServerError, match=r"in a row.*HTTP 400"):
        list(answers)
    assert len(standin.asked()) < 50


def test_what_a_server_answered_before_it_died_is_handed_over(standin, job):
    standin.fail("exit", after=5)
    answers = VllmCaptioner(standin.url, concurrency=1, patience=0.1).caption(map(job, range(20)))
    assert len({answer.tile_id for answer in islice(answers, 5) if answer.text}) == 5
    with pytest.raises(ServerError, match="Start the server"):
        next(answers)


def test_a_server_that_comes_back_loses_no_picture(standin, job):
    answers = VllmCaptioner(standin.url, concurrency=2).caption(map(job, range(20)))
    first = next(answers)
    standin.stop()
    standin.start()
    rest = list(answers)
    assert {answer.tile_id for answer in [first, *rest] if answer.text} == ids(*range(20))


def test_a_server_that_is_not_there_is_an_error_before_any_picture_is_read(standin):
    standin.stop()

    def jobs() -> Iterator[CaptionJob]:
        pytest.fail("a picture was drawn")
        yield

    with pytest.raises(ServerError, match=r"127\.0\.0\.1"):
        list(VllmCaptioner(standin.url, "standin").caption(jobs()))


def test_a_run_that_is_broken_off_leaves_nothing_open(standin, job):
    standin.fail("hang", times=-1, after=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        answers = VllmCaptioner(standin.url, concurrency=4).caption(map(job, range(100)))
        next(answers)
        answers.close()


INTERRUPTED = """
import signal, sys, uuid
from trsllava.captioners.protocol import CaptionJob
from trsllava.captioners.vllm import VllmCaptioner
from trsllava.records import Tile, Window

signal.signal(signal.SIGINT, signal.default_int_handler)  # jobs in a shell's background begin with it ignored
tiles = [Tile(id=uuid.UUID(int=n), sha256="0" * 64, window=Window(0, 0, 8, 8)) for n in range(100)]
jobs = [CaptionJob(tile, (sys.argv[2],)) for tile in tiles]
try:
    list(VllmCaptioner(sys.argv[1], concurrency=4).caption(jobs))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupted_run_ends_at_once_and_without_complaint(standin, tmp_path):
    standin.fail("hang", times=-1)
    Image.fromarray(pixels(1)).save(tmp_path / "1.png")
    command = [sys.executable, "-W", "error", "-c", INTERRUPTED, standin.url, str(tmp_path / "1.png")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while not standin.asked() and run.poll() is None:
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        printed, complaints = run.communicate(timeout=60)
    assert (printed, complaints, run.returncode) == ("interrupted\n", "", 0)


def test_an_error_where_the_pictures_come_from_reaches_the_caller(standin, job):
    def jobs() -> Iterator[CaptionJob]:
        yield from map(job, range(5))
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(VllmCaptioner(standin.url).caption(jobs()))


def test_the_same_question_is_put_in_the_same_way_in_every_run(standin, job):
    for _ in range(2):
        list(VllmCaptioner(standin.url).caption([job(1)]))
    first, second = standin.asked()
    assert {**first, "number": 1} == second


def test_variants_can_be_asked_for_one_by_one_under_other_seeds(standin, job):
    (answer,) = VllmCaptioner(standin.url, one_by_one=True).caption([job(1)])
    assert len({variant.caption for variant in answer.text.variants}) == 5
    assert len({request["seed"] for request in standin.asked()}) == 5
    assert answer.usage.requests == len(standin.asked()) >= 5
    assert answer.text.labels


def test_a_variant_that_stays_bad_leaves_the_others_and_is_counted(standin, job):
    standin.fail("prose", times=-1, after=4)
    (answer,) = VllmCaptioner(standin.url, one_by_one=True, concurrency=1).caption([job(1)])
    assert len(answer.text.variants) == 4
    assert answer.text.repairs == ("fewer variants",)
    assert answer.refusals == ("schema",) * 3


def test_an_earlier_attempt_is_not_repeated(standin, job):
    list(VllmCaptioner(standin.url).caption([job(1)]))
    list(VllmCaptioner(standin.url).caption([job(1, attempts=3)]))
    first, later = standin.asked()
    assert first["seed"] != later["seed"]
    assert first["temperature"] < later["temperature"]


def test_an_answer_knows_what_all_its_attempts_cost(standin, job):
    standin.fail("prose", times=2)
    (answer,) = VllmCaptioner(standin.url).caption([job(1)])
    assert answer.usage.requests == answer.attempts == 3
    assert answer.usage.prompt_tokens == 3 * 1500
    assert answer.usage.cached_tokens == 3 * 500
    assert answer.usage.completion_tokens > 0
    assert answer.usage.seconds > 0


def test_a_model_without_a_system_role_gets_its_instructions_in_the_users_message(start_standin, job):
    standin = start_standin("--no-system-role")
    answers = list(VllmCaptioner(standin.url, concurrency=2).caption(map(job, range(6))))
    assert all(answer.text is not None for answer in answers)
    answered = [request for request in standin.asked() if request["fault"] is None]
    assert len(answered) == 6
    assert all("Write 5 descriptions" in request["user"][0] for request in answered)


def test_a_picture_that_breaks_off_every_time_is_put_aside_even_where_no_other_is_asked_about(standin, job):
    standin.fail("reset", times=-1, image=image_hash(1))
    (answer,) = VllmCaptioner(standin.url, retries=1).caption([job(1)])
    assert answer.text is None
    assert "was lost" in answer.error


def test_a_picture_that_breaks_the_server_every_time_is_put_aside_and_the_others_go_on(standin, job):
    standin.fail("reset", times=-1, image=image_hash(1))
    captioner = VllmCaptioner(standin.url, concurrency=2, retries=1)
    answers = {answer.tile_id: answer for answer in captioner.caption(map(job, range(60)))}
    assert {tile_id for tile_id, answer in answers.items() if answer.text is None} == ids(1)
