import json

from eval.benchmarks.expansion import ADDED, BEST, BM25_WEIGHTS, ROCCHIO_WEIGHTS, main

NOUNS = ("ship", "field", "road", "tank")


def test_every_way_to_expand_is_compared_with_the_query_as_it_is(tmp_path, capsys):
    rows = [
        {"image": f"{number}.jpg", "split": "val", "captions": [f"a grey {noun} beside water", f"one {noun}"]}
        for number, noun in enumerate(NOUNS * 3)
    ]
    captions = tmp_path / "captions.jsonl"
    captions.write_text("\n".join(map(json.dumps, rows)))
    main(["--captions", str(captions)])
    header, *table = capsys.readouterr().out.strip().split("\n")
    assert header.startswith("12 images, 12 queries")
    likings = 2 + len(BEST)
    words = likings * len(ADDED) * len(BM25_WEIGHTS) + likings
    assert len(table[4:]) == words + len(BEST) * len(ROCCHIO_WEIGHTS)
    # queries and documents name one of four nouns each: of twelve images three are equally good
    assert table[3] == "| nothing | 77.78 | | |"
