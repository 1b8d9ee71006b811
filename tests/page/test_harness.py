"""The other tests of the page are worth something only where these complaints are heard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route

from tests.page.accessibility import violations
from tests.page.conftest import OpenPage, Server, Watch

_PAGE = "<!doctype html><html lang=en><title>t</title><h1>h</h1>"
_POLICY = {"Content-Security-Policy": "default-src 'self'; img-src *", "Content-Type": "text/html"}


@pytest.mark.parametrize(
    ("markup", "heard"),
    [
        ("<script>1</script>", "Content Security Policy"),
        ("<p style='color: red'>", "Content Security Policy"),
        ("<img src='http://198.51.100.1/x.png'>", "request to http://198.51.100.1/x.png"),
        ("<img src='/nowhere.png'>", "404"),
    ],
    ids=["script", "style", "foreign", "missing"],
)
def test_what_the_browser_complains_of_is_heard(browser: Browser, server: Server, markup: str, heard: str) -> None:
    watch = Watch(own={server.url.removeprefix("http://")})
    context = browser.new_context(base_url=server.url)
    watch.observe(context)
    page = context.new_page()

    def answer(route: Route) -> None:
        route.fulfill(body=_PAGE + markup, headers=_POLICY)

    page.route("**/probe", answer)
    page.goto("/probe")
    page.wait_for_load_state("networkidle")
    context.close()

    assert any(heard in one for one in watch.complaints())


def test_what_axe_finds_is_told(open_page: OpenPage, watch: Watch) -> None:
    watch.expected += ["404", "Content Security Policy"]
    page = open_page("/nowhere")
    page.set_content("<!doctype html><title>t</title><img src='data:,'><button></button>")

    assert {said.partition(":")[0] for said in violations(page)} >= {"html-has-lang", "image-alt", "button-name"}
