"""The service keeps to its own description: schemathesis, over REST, STAC and jobs. A few cases an operation here;
thousands in `eval/benchmarks/service_contract.py`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import MakeOnce
from tests.places import index_places
from tests.service.conftest import copied, running
from trsllava.service import ServiceSettings, create_app
from trsllava.service.keys import Keys

_RULES = Path(__file__).parents[2] / "schemathesis.toml"


@pytest.fixture(scope="module")
def described(make_once: MakeOnce, tmp_path_factory: pytest.TempPathFactory) -> Iterator[schemathesis.BaseSchema]:
    """A running service that asks for a key, by its description."""
    home = tmp_path_factory.mktemp("contract") / "home"
    copied(make_once("places", index_places) / "home", home)
    wishes = ServiceSettings(home=home, keys_required=True)
    key = Keys(home).add("contract", "admin")
    with running(create_app(wishes), wishes) as served:
        config = schemathesis.Config.from_path(_RULES)
        config.projects.default.update(headers={"X-API-Key": key})
        # A made-up bearer token beside the right key in its header is no fault; test_access has keys that are.
        config.projects.default.generation.update(with_security_parameters=False)
        yield schemathesis.openapi.from_url(f"{served.url}/openapi.json", config=config)


@pytest.mark.parametrize("part", ["/v1", "/stac/q", "/stac"])
def test_answers_are_those_described(described: schemathesis.BaseSchema, part: str) -> None:
    found = (operation.ok() for operation in described.include(path_regex=f"^{part}").get_all_operations())
    cases = st.one_of([operation.as_strategy() for operation in found])

    @given(cases)
    @settings(max_examples=100, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=True)
    def kept(case: schemathesis.Case) -> None:
        case.call_and_validate()

    kept()
