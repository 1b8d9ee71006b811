"""What is kept appears whole; a row that was cut off is dropped and those before it stay."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.dataset.kept import Journal, read_json, write_json
from trsllava.errors import InputError

rows = st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=5) | st.integers(), max_size=2), max_size=5)


@given(rows=rows, cut=st.integers(0, 200))
def test_a_journal_cut_anywhere_holds_the_rows_before_the_cut(
    rows: list[dict[str, str | int]], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "rows.jsonl"
    journal = Journal(path)
    ends = [0]
    for row in rows:
        journal.add(row)
        ends.append(path.stat().st_size)
    path.write_bytes(path.read_bytes()[:cut])
    whole = sum(0 < end <= cut for end in ends)

    again = Journal(path)
    again.add({"last": 1})
    assert list(again.rows()) == [*rows[:whole], {"last": 1}]


@pytest.mark.parametrize("content", [b"{broken\n", b"\xff\xfe\n", b"\0\0\0\n"])
def test_damage_is_told_in_a_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"x\.json is damaged\. Delete it"):
        read_json(path)
    with pytest.raises(InputError, match=r"x\.json is damaged\. Delete it"):
        list(Journal(path).rows())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    assert read_json(tmp_path / "x.json") is None
    write_json(tmp_path / "x.json", {"a": [1, "ü"]})
    (tmp_path / ".x.json.draft").write_text("half of it")  # left by a kill
    write_json(tmp_path / "x.json", {"a": 2})

    assert read_json(tmp_path / "x.json") == {"a": 2}
    assert [path.name for path in tmp_path.iterdir()] == ["x.json"]
