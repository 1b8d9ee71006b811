from __future__ import annotations

import csv
import io

from trsllava.formats.csv_rows import csv_rows
from trsllava.records import BranchScore


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_a_hit_is_a_row_under_a_header(make_hit):
    assert read(csv_rows([make_hit()])) == [
        {
            "rank": "1",
            "score": "0.75",
            "relevance": "0.625",
            "id": "00000000-0000-0000-0000-000000000001",
            "path": "/data/scenes/harbor/harbor_1.tif",
            "labels": "harbor;crane;ship",
            "acquired": "2024-05-17T10:31:05Z",
            "near": "12 km from Rotterdam, NL",
            "merged": "0",
            "match_variant": "1",
            "match_field": "caption",
            "match_text": "Two cranes stand at the harbor.",
            "dense_score": "0.5",
            "dense_rank": "1",
            "dense_share": "0.5",
            "bm25_score": "12.5",
            "bm25_rank": "3",
            "bm25_share": "0.25",
            "west": "4.25",
            "south": "51.5",
            "east": "4.5",
            "north": "51.75",
        }
    ]


def test_what_a_hit_has_not_is_an_empty_cell(make_hit):
    only_dense = {"dense": BranchScore(score=0.5, rank=2, share=0.5)}
    rows = read(csv_rows([make_hit(), make_hit(2, footprint=None, acquired=None, branches=only_dense, labels=())]))

    assert rows[1]["rank"] == "2"
    assert {rows[1][name] for name in ("west", "north", "acquired", "bm25_score", "bm25_rank", "labels")} == {""}


def test_commas_quotes_and_several_paths_survive(make_hit):
    text = 'A "small" harbor, seen at dusk'
    (row,) = read(csv_rows([make_hit(text=text, paths=("/a, b.tif", "/c.tif"))]))

    assert (row["match_text"], row["path"]) == (text, "/a, b.tif|/c.tif")


def test_without_hits_there_is_the_header_alone():
    assert csv_rows([]).splitlines() == [
        "rank,score,relevance,id,path,labels,acquired,near,merged,match_variant,match_field,match_text,west,south,east,north"
    ]
