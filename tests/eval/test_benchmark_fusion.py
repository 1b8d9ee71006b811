import json

from PIL import Image

from eval.benchmarks.fusion import DENSE_WEIGHTS, IMAGE_WEIGHTS, TEXT_SHARES, main
from tests.training.tiny_clip import save_tiny_clip
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


def test_with_pictures_the_image_branch_joins(tmp_path, capsys):
    save_tiny_clip(tmp_path / "clip")
    rows = []
    for name in ("red", "green", "blue"):
        Image.new("RGB", (8, 8), name).save(tmp_path / f"{name}.png")
        rows.append({"image": f"{name}.png", "split": "val", "captions": [f"a {name} field", f"{name} land"]})
    captions = tmp_path / "captions.jsonl"
    captions.write_text("\n".join(map(json.dumps, rows)))
    main(["--captions", str(captions), "--images", str(tmp_path), "--image-encoder", str(tmp_path / "clip")])
    table = capsys.readouterr().out
    assert "| dense : bm25 : image |" in table
    assert table.count("\n| dense, bm25, image |") == len(TEXT_SHARES) * len(IMAGE_WEIGHTS)
    assert table.count("\n| image |") == 1
