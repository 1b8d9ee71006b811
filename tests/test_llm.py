import asyncio
import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, Field

from trsllava.errors import AnswerError, InputError, ServerError
from trsllava.llm import ChatServer, RequestError, list_models

QUESTION: list[Any] = [
    {"role": "system", "content": "Describe."},
    {
        "role": "user",
        "content": [{"type": "image_url", "image_url": {"url": "data:,x"}}, {"type": "text", "text": "Now."}],
    },
]


class Sketch(BaseModel):
    variants: list[dict[str, Any]] = Field(min_length=2, max_length=2)
    labels: list[str]


def ask(server: ChatServer, **sampling: Any) -> Sketch:
    async def run() -> Sketch:
        async with server.session() as session:
            return await session.ask(Sketch, QUESTION, **sampling)

    return asyncio.run(run())


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web_site() -> Iterator[str]:
    """A web server that is no model server: every page is HTML."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_answer_comes_back_as_the_type_that_was_asked_for(standin):
    answer = ask(ChatServer(standin.url, "standin"))
    assert isinstance(answer, Sketch)
    assert len(answer.variants) == 2


def test_the_sampling_asked_for_reaches_the_server(standin):
    ask(ChatServer(standin.url), temperature=0.7, seed=5)
    (request,) = standin.asked()
    assert (request["temperature"], request["seed"]) == (0.7, 5)


def test_an_address_may_leave_out_the_version(standin):
    assert list_models(standin.url.removesuffix("/v1")) == ["standin"]
    assert list_models(standin.url + "/") == ["standin"]


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "", "/v1"])
def test_an_address_that_is_none_is_refused_at_once(url):
    with pytest.raises(InputError, match="http://localhost:8000/v1"):
        ChatServer(url)


def test_the_only_model_served_is_used_when_none_is_named(start_standin):
    standin = start_standin("--model", "org/model-7b")
    assert ChatServer(standin.url).resolve_model() == "org/model-7b"
    assert ask(ChatServer(standin.url))


def test_a_model_that_is_not_served_is_an_error_that_names_those_that_are(standin):
    with pytest.raises(ServerError, match=r"'other'.*standin"):
        ChatServer(standin.url, "other").resolve_model()


@pytest.mark.parametrize("page", ["/chat/completions", "/chat/completions/", "/completions", "/models"])
def test_an_address_may_have_a_page_pasted_after_it(standin, page):
    assert list_models(standin.url + page) == ["standin"]


@pytest.fixture
def moved() -> Iterator[str]:
    """A server that redirects every page to https://elsewhere.example/v1."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(307)
            self.send_header("Location", "https://elsewhere.example" + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_redirect_is_an_error_that_names_the_address_to_give(moved):
    with pytest.raises(ServerError, match=r"redirects to https://elsewhere\.example/v1\. Give that address"):
        list_models(moved)


def test_a_model_that_goes_away_is_an_error_that_names_those_that_are_there(standin):
    server = ChatServer(standin.url)

    async def run() -> None:
        async with server.session() as session:
            session.model = "other"
            await session.ask(Sketch, QUESTION)

    with pytest.raises(ServerError, match=r"`other` does not exist\. It serves: standin\. Name one"):
        asyncio.run(run())


def test_an_unreachable_server_is_an_error_that_names_its_address(closed_port):
    url = f"http://127.0.0.1:{closed_port}/v1"
    with pytest.raises(ServerError, match=rf"127\.0\.0\.1:{closed_port}.*Start it"):
        list_models(url)
    with pytest.raises(ServerError, match=str(closed_port)):
        ask(ChatServer(url))


def test_a_web_site_that_serves_no_model_is_an_error(web_site):
    with pytest.raises(ServerError, match=web_site):
        list_models(web_site)


@pytest.mark.parametrize("status", ["429", "500", "503"])
def test_a_busy_server_is_asked_again(standin, status):
    standin.fail(status, times=2, retry_after="0.01")
    assert ask(ChatServer(standin.url, retries=2))
    assert [request["fault"] for request in standin.asked()] == [status, status, None]


def test_a_server_is_given_as_long_as_it_asks_for(standin):
    """The wait is longer than our patience: keeping to it shows as giving up at once."""
    standin.fail("503", retry_after="60")
    with pytest.raises(ServerError, match="HTTP 503"):
        ask(ChatServer(standin.url, patience=59))
    assert len(standin.asked()) == 1


def test_a_lost_connection_is_tried_again(standin):
    standin.fail("reset")
    assert ask(ChatServer(standin.url, retries=1))
    assert [request["fault"] for request in standin.asked()] == ["reset", None]


@pytest.mark.parametrize("fault", ["503", "429", "reset", "cut_reply"])
def test_patience_with_a_server_that_answers_nothing_comes_to_an_end(standin, fault):
    standin.fail(fault, times=-1, retry_after="0.01")
    with pytest.raises(ServerError, match=r"127\.0\.0\.1") as caught:
        ask(ChatServer(standin.url, patience=0.1))
    assert not isinstance(caught.value, RequestError)
    assert len(standin.asked()) >= 2


def test_a_refused_key_is_not_tried_again(standin):
    standin.fail("401")
    with pytest.raises(ServerError, match="API key"):
        ask(ChatServer(standin.url))
    assert len(standin.asked()) == 1


def test_a_request_found_malformed_is_asked_again_without_what_may_be_left_out(standin):
    standin.fail("400")
    assert ask(ChatServer(standin.url))
    assert len(standin.asked()) == 3  # refused, tried with less, answered


def test_a_request_found_malformed_in_every_form_is_that_requests_fault(standin):
    standin.fail("400", times=-1)
    with pytest.raises(RequestError, match="HTTP 400"):
        ask(ChatServer(standin.url))
    assert len(standin.asked()) <= 9


def test_a_question_takes_no_longer_than_it_may(standin):
    standin.fail("hang", times=2)
    with pytest.raises(RequestError, match=r"within 0\.2 s"):
        ask(ChatServer(standin.url, timeout=0.2))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("truncated", "cut off"),
        ("blank", "disable_any_whitespace"),
        ("prose", "no JSON"),
        ("wrong_schema", "variants: Field required"),
        ("too_few", "variants: List should have at least 2 items"),
    ],
)
def test_an_unusable_answer_is_an_error_that_keeps_it(standin, fault, reason):
    standin.fail(fault)
    with pytest.raises(AnswerError, match=reason) as caught:
        ask(ChatServer(standin.url))
    assert caught.value.raw


def test_raw_control_characters_inside_strings_are_read(standin):
    standin.fail("control")
    answer = ask(ChatServer(standin.url))
    assert "\x07" in answer.variants[0]["caption"]


@pytest.mark.parametrize(("fault", "narrows"), [("503", True), ("429", True), ("hang", True), ("500", False)])
def test_an_overloaded_server_is_sent_fewer_requests_at_once(standin, fault, narrows):
    async def limit() -> float:
        timeout = 0.5 if fault == "hang" else 60
        server = ChatServer(standin.url, concurrency=16, timeout=timeout, patience=0)
        async with server.session() as session:
            with pytest.raises(ServerError):
                await asyncio.gather(*(session.ask(Sketch, QUESTION) for _ in range(16)))
            return session.pace.limit

    standin.fail(fault, times=-1, retry_after="0.01")
    assert (asyncio.run(limit()) < 16) == narrows


def test_a_reply_that_is_no_json_is_asked_for_again(standin):
    standin.fail("half_json", times=2)
    assert ask(ChatServer(standin.url))
    assert [request["fault"] for request in standin.asked()] == ["half_json", "half_json", None]
