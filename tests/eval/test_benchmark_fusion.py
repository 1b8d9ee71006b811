import json

from eval.benchmarks.fusion import DENSE_WEIGHTS, main
from trsllava.search.fusion import FUSIONS


def test_every_combination_is_measured_and_the_best_comes_first(tmp_path, capsys):
    captions = tmp_path / "captions.jsonl"
    rows = [
        {"image": "a.jpg", "split": "val", "captions": ["a grey ship at a quay", "a vessel in the harbor"]},
        {"image": "b.jpg", "split": "val", "captions": ["a green field", "farmland seen from above"]},
        {"image": "c.jpg", "split": "val", "captions": ["a wide road with cars", "traffic on a highway"]},
    ]
    captions.write_text("\n".join(map(json.dumps, rows)))
    main(["--captions", str(captions)])
    header, *table = capsys.readouterr().out.strip().split("\n")
    assert header.startswith("3 images, 3 queries")
    means = [float(row.split("|")[-2]) for row in table if row.startswith(("| dense", "| bm25"))]
    assert len(means) == 2 + len(FUSIONS) * len(DENSE_WEIGHTS)
    assert means == sorted(means, reverse=True)
