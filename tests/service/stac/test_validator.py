"""stac-api-validator, as far as it goes without a network.

Its own checks of schemas and of style (stac-validator, stac-check) fetch schemas; pystac's copies stand in for the
first. It does not check free text (`q`), times by POST, `numberMatched`, or our own fields.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from pystac.validation import validate_dict
from stac_api_validator import validations


def valid(_url: str, body: dict[str, Any] | None, errors: Any, context: Any, *_: Any) -> None:
    """In place of `stac_validate`: pystac's copies of the same schemas."""
    assert body is not None
    for one in body["features"] if body["type"] == "FeatureCollection" else [body]:
        try:
            validate_dict(one)
        except Exception as error:
            errors += f"[{context}] {error}"


@pytest.mark.filterwarnings("ignore:get_all_items is deprecated")
def test_it_finds_no_fault(root: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validations, "stac_validate", valid)
    monkeypatch.setattr(validations, "stac_check", lambda *_: None)
    box = [[[-100, -50], [100, -50], [100, 70], [-100, 70], [-100, -50]]]

    warnings, errors = validations.validate_api(
        root_url=root,
        ccs_to_validate=["core", "collections", "features", "item-search"],
        collection="default",
        geometry=json.dumps({"type": "Polygon", "coordinates": box}),
        auth_bearer_token=None,
        auth_query_parameter=None,
        fields_nested_property=None,
        validate_pagination=True,
        query_config=validations.QueryConfig(*[None] * 13),
        transaction_collection=None,
        headers={},
    )

    assert errors.as_list() == []
    assert [one for one in warnings.as_list() if "service-doc" not in str(one)] == []
