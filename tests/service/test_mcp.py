"""The Model Context Protocol, spoken by its official client: over HTTP, over stdio, in the process."""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp_types import CallToolResult, ImageContent, TextContent
from PIL import Image
from starlette.testclient import TestClient

from tests.service.conftest import Served
from trsllava import Archive
from trsllava.errors import UnknownCollectionError
from trsllava.service import ServiceSettings
from trsllava.service.mcp import mcp_server, serve_stdio
from trsllava.service.state import Service

Connect = Callable[[], AbstractAsyncContextManager[Client]]
TOOLS = ("search_images", "similar_images", "show_image", "list_collections")


@pytest.fixture(params=["http", "stdio"])
def connect(request: pytest.FixtureRequest, served: Served, served_home: Path) -> Connect:
    """A session with a server, over the wire."""

    @asynccontextmanager
    async def connected() -> AsyncIterator[Client]:
        command = ["-m", "trsllava", "mcp", "--home", str(served_home)]
        over_stdio = stdio_client(StdioServerParameters(command=sys.executable, args=command))
        async with Client(over_stdio if request.param == "stdio" else f"{served.url}/mcp") as client:
            yield client

    return connected


def pictures(result: CallToolResult) -> list[Image.Image]:
    """The pictures of an answer, decoded."""
    images = [part for part in result.content if isinstance(part, ImageContent)]
    return [Image.open(io.BytesIO(base64.b64decode(image.data))) for image in images]


def test_every_tool_is_listed_called_and_answers_by_its_schema(connect: Connect, archive: Archive) -> None:
    hits = archive.search("harbor with cranes", k=3)
    item = str(hits[0].tile.id)
    calls: dict[str, dict[str, Any]] = {
        "search_images": {"text": "harbor with cranes", "k": 3},
        "similar_images": {"item_id": item, "k": 2},
        "show_image": {"item_id": item},
        "list_collections": {},
    }

    async def session() -> dict[str, CallToolResult]:
        async with connect() as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert sorted(tools) == sorted(TOOLS)
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
            answers = {name: await client.call_tool(name, given) for name, given in calls.items()}
            for name, answer in answers.items():
                jsonschema.validate(answer.structured_content, tools[name].output_schema)
            return answers

    answers = anyio.run(session)

    found = answers["search_images"].structured_content["pictures"]
    assert [one["id"] for one in found] == [str(hit.tile.id) for hit in hits]
    assert [one["score"] for one in found] == pytest.approx([hit.score for hit in hits])
    assert [max(picture.size) <= 192 for picture in pictures(answers["search_images"])] == [True] * 3
    similar = answers["similar_images"].structured_content["pictures"]
    assert [one["id"] for one in similar] == [str(hit.tile.id) for hit in archive.similar(item, k=2)]
    record = archive.tile(item)
    assert record.text is not None
    assert answers["show_image"].structured_content["captions"] == record.text.texts()
    assert pictures(answers["show_image"])[0].size == (record.tile.window.width, record.tile.window.height)
    (told,) = answers["list_collections"].structured_content["collections"]
    assert (told["name"], told["pictures"]) == ("default", sum(archive.ledger.counts().values()))


@pytest.fixture
def ask(served: Served) -> Callable[..., CallToolResult]:
    """Call a tool over HTTP."""

    def asked(tool: str, **given: Any) -> CallToolResult:
        async def session() -> CallToolResult:
            async with Client(f"{served.url}/mcp") as client:
                return await client.call_tool(tool, given)

        return anyio.run(session)

    return asked


def said(result: CallToolResult) -> str:
    return " ".join(part.text for part in result.content if isinstance(part, TextContent))


def test_conditions_are_the_librarys(ask: Callable[..., CallToolResult], archive: Archive) -> None:
    box = [4.0, 51.0, 5.0, 53.0]
    found = ask("search_images", text="a harbor", bbox=box, labels=["harbor"], k=20, thumbnails=False)
    hits = archive.search("a harbor", bbox=box, labels=["harbor"], k=20)

    assert len(hits) > 0
    assert [one["id"] for one in found.structured_content["pictures"]] == [str(hit.tile.id) for hit in hits]
    assert pictures(found) == []


def test_notices_are_passed_on(ask: Callable[..., CallToolResult], archive: Archive) -> None:
    found = ask("search_images", text="harbor without cranes", thumbnails=False)

    assert found.structured_content["notices"] == archive.search("harbor without cranes", k=5).notices()
    assert found.structured_content["notices"]


@pytest.mark.parametrize(
    ("tool", "given", "reason"),
    [
        ("show_image", {"item_id": "ffffffff"}, "no such item"),
        ("search_images", {"text": "a river", "collection": "none"}, "no collection 'none'"),
        ("search_images", {"text": "a river", "time": "yesterday"}, "`time` yesterday"),
        ("search_images", {"text": "a river", "bbox": [0, 1, 1, 0]}, "bbox"),
        ("search_images", {"text": "a river", "k": 1000}, "k"),
        ("show_image", {"item_id": "../../etc/passwd"}, "item_id"),
        ("index", {"folder": "/"}, "index"),
    ],
)
def test_a_bad_call_is_told_in_words(
    ask: Callable[..., CallToolResult], tool: str, given: dict[str, Any], reason: str
) -> None:
    result = ask(tool, **given)

    assert result.is_error
    assert reason in said(result)


def test_an_error_that_nobody_foresaw_is_told_without_its_inside(served_home: Path) -> None:
    service = Service.of(ServiceSettings(home=served_home))
    service.archives.get().ledger.close()  # SQLite then raises errors of its own

    async def session() -> CallToolResult:
        async with Client(mcp_server(service)) as client:
            return await client.call_tool("list_collections", {})

    try:
        result = anyio.run(session)
    finally:
        service.close()
    assert result.is_error
    assert "Something went wrong." in said(result)
    assert "closed database" not in said(result)


def test_an_assistant_is_not_let_search_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        UnknownCollectionError, match=r"^There is no collection to search in .* `trsllava index FOLDER`\.$"
    ):
        serve_stdio(ServiceSettings(home=tmp_path))


def test_a_page_under_another_name_is_kept_out(client: TestClient) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": "application/json, text/event-stream", "Host": "evil.example"}

    assert client.post("/mcp", json=call, headers=headers).status_code == 421
    headers = {**headers, "Host": "127.0.0.1:8080", "Origin": "http://evil.example"}
    assert client.post("/mcp", json=call, headers=headers).status_code == 403
