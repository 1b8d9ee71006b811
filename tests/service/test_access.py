"""Who gets in: anybody on loopback, elsewhere only holders of a key."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.service.conftest import Served
from trsllava.service import ServiceSettings, create_app
from trsllava.service.keys import Keys

ELSEWHERE = ("203.0.113.7", 5000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


async def ask(
    app: FastAPI,
    path: str,
    client: tuple[str, int] = ("127.0.0.1", 5000),
    method: str = "GET",
    **options: object,
) -> httpx.Response:
    transport = httpx.ASGITransport(app, client=client)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as asking:
        return await asking.request(method, path, **options)  # type: ignore[arg-type]


@pytest.mark.anyio
async def test_on_loopback_nobody_needs_a_key(home: Path) -> None:
    app = create_app(ServiceSettings(home=home))
    assert (await ask(app, "/v1/collections")).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("settings", "client"),
    [({}, ELSEWHERE), ({"keys_required": True}, ("127.0.0.1", 5000)), ({"host": "0.0.0.0"}, ("127.0.0.1", 5000))],
)
async def test_elsewhere_a_key_is_needed(home: Path, settings: dict[str, object], client: tuple[str, int]) -> None:
    app = create_app(ServiceSettings(home=home, **settings))  # type: ignore[arg-type]
    refused = await ask(app, "/v1/collections", client)
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/key-needed")
    assert refused.headers["www-authenticate"] == "Bearer"
    key = Keys(home).add("portal", "read")
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"Authorization": f"bearer  {key} "}):
        assert (await ask(app, "/v1/collections", client, headers=headers)).status_code == 200
    Keys(home).revoke("portal")
    gone = await ask(app, "/v1/collections", client, headers={"X-API-Key": key})
    assert (gone.status_code, gone.json()["type"]) == (401, "/problems/wrong-key")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "headers",
    [
        {"X-API-Key": "nonsense"},
        {"X-API-Key": "trs_00000000_" + "A" * 43},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic dXNlcjpwdw=="},
        {"X-API-Key": ""},
    ],
)
async def test_a_wrong_key_opens_nothing(home: Path, headers: dict[str, str]) -> None:
    app = create_app(ServiceSettings(home=home))
    assert (await ask(app, "/v1/collections", ELSEWHERE, headers=headers)).status_code == 401


READ_BY_POST = ("/v1/search", "/v1/dialogues", "/v1/export", "/stac")
"""Operations that change nothing of a collection, though they are posted."""
OF_NOBODY = {"/healthz", "/readyz", "/stac/schema.json"}


def operations(app: FastAPI) -> list[tuple[str, str]]:
    """Every operation that is described: its method, and an address for it."""
    return [
        (method.upper(), re.sub("{[^}]*}", "0" * 32, path))
        for path, described in app.openapi()["paths"].items()
        for method in described
        if path not in OF_NOBODY
    ]


@pytest.mark.anyio
async def test_every_operation_asks_for_a_key(home: Path) -> None:
    app = create_app(ServiceSettings(home=home))
    for method, path in operations(app):
        assert (await ask(app, path, ELSEWHERE, method)).status_code == 401, (method, path)


@pytest.mark.anyio
async def test_a_key_to_read_changes_nothing(home: Path) -> None:
    app = create_app(ServiceSettings(home=home))
    changing = [
        (method, path) for method, path in operations(app) if method != "GET" and not path.startswith(READ_BY_POST)
    ]
    assert ("POST", "/v1/jobs") in changing
    headers = {"X-API-Key": Keys(home).add("portal", "read")}
    for method, path in changing:
        refused = await ask(app, path, ELSEWHERE, method, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed"), (method, path)
    allowed = {"X-API-Key": Keys(home).add("indexer", "write")}
    for method, path in changing:
        assert (await ask(app, path, ELSEWHERE, method, headers=allowed)).status_code not in (401, 403), (method, path)


@pytest.mark.anyio
@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example:8080", "null", ""])
async def test_without_keys_pages_of_other_origins_change_nothing(home: Path, origin: str) -> None:
    app = create_app(ServiceSettings(home=home))
    job = f"/v1/jobs/{'0' * 32}/cancel"
    refused = await ask(app, job, method="POST", headers={"Origin": origin})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/other-origin")
    for headers in ({"Origin": "http://localhost:8080"}, {}):
        assert (await ask(app, job, method="POST", headers=headers)).status_code == 404


@pytest.mark.anyio
async def test_health_is_told_to_everybody(home: Path) -> None:
    assert (await ask(create_app(ServiceSettings(home=home)), "/healthz", ELSEWHERE)).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example:8080"])
async def test_without_keys_no_other_name_of_this_machine_is_answered_to(home: Path, host: str) -> None:
    app = create_app(ServiceSettings(home=home))
    refused = await ask(app, "/v1/collections", headers={"Host": host})
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/other-host")
    for own in ("localhost:8080", "127.0.0.1:8080", "[::1]:8080", "localhost", "[::1]"):
        assert (await ask(app, "/v1/collections", headers={"Host": own})).status_code == 200


def test_over_a_socket_loopback_needs_no_key(served: Served) -> None:
    assert httpx.get(f"{served.url}/v1/collections").status_code == 200
    assert httpx.get(f"{served.url}/v1/collections", headers={"Host": "evil.example"}).status_code == 403
