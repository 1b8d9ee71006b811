"""Our metrics against trec_eval (through pytrec_eval) and scikit-learn, on seeded random cases."""

from itertools import permutations

import numpy as np
import pytest
import pytrec_eval
from sklearn.metrics import ndcg_score

from eval.metrics.i2t import chances_i2t, recall_i2t
from eval.metrics.label_map import label_ap
from eval.metrics.ndcg import ndcg
from eval.metrics.shared_labels import rank_labels
from eval.metrics.t2i import recall_t2i

KS = (1, 2, 5)
CASES = 200


def trec(scores, relevance, measure, ks):
    """Of each query (row) trec_eval's figure at each k: `(len(ks), q)`. It breaks ties by the items' names."""
    run = {f"q{i}": {f"d{j}": float(s) for j, s in enumerate(row)} for i, row in enumerate(scores)}
    judged = {f"q{i}": {f"d{j}": int(r) for j, r in enumerate(row)} for i, row in enumerate(relevance)}
    told = pytrec_eval.RelevanceEvaluator(judged, {f"{measure}.{','.join(map(str, ks))}"}).evaluate(run)
    return np.array([[told[f"q{i}"][f"{measure}_{k}"] for i in range(len(scores))] for k in ks])


def cases(seed, levels=None):
    """Scores of up to 12 texts with up to 8 images, and owners: distinct scores, or of a few levels."""
    random = np.random.default_rng(seed)
    for _ in range(CASES):
        q, n = int(random.integers(1, 13)), int(random.integers(2, 9))
        distinct = random.permutation(q * n).reshape(q, n) / (q * n)
        scores = distinct if levels is None else random.integers(0, levels, (q, n)) / levels
        yield scores.astype(np.float32), random.integers(0, n, q)


def own(scores, owner):
    return owner[:, None] == np.arange(scores.shape[1])


def test_text_to_image_recall_is_trec_evals_recall_where_nothing_ties():
    for scores, owner in cases(1):
        ours = recall_t2i(scores, owner, KS)
        theirs = trec(scores, own(scores, owner), "recall", KS).mean(axis=1)
        assert [ours[k].expected for k in KS] == pytest.approx(theirs)


def test_image_to_text_recall_is_trec_evals_success_where_nothing_ties():
    for scores, owner in cases(2):
        ours = recall_i2t(scores, owner, KS)
        asking = np.unique(owner)
        theirs = trec(scores.T[asking], own(scores, owner).T[asking], "success", KS).mean(axis=1)
        assert [ours[k].expected for k in KS] == pytest.approx(theirs)


def test_with_ties_trec_evals_order_lies_within_the_bounds():
    for scores, owner in cases(3, levels=3):
        asking = np.unique(owner)
        t2i, i2t = recall_t2i(scores, owner, KS), recall_i2t(scores, owner, KS)
        texts = trec(scores, own(scores, owner), "recall", KS).mean(axis=1)
        images = trec(scores.T[asking], own(scores, owner).T[asking], "success", KS).mean(axis=1)
        for ours, theirs in ((t2i, texts), (i2t, images)):
            for k, share in zip(KS, theirs, strict=True):
                assert ours[k].pessimistic - 1e-9 <= share <= ours[k].optimistic + 1e-9


def test_with_ties_the_expectation_is_trec_evals_mean_over_all_namings_of_the_items():
    random = np.random.default_rng(4)
    for _ in range(CASES):
        scores = random.integers(0, 2, 4) / 2
        mine = np.zeros(4, bool)
        mine[random.choice(4, random.integers(1, 3), replace=False)] = True
        orders = np.array(list(permutations(range(4))))
        theirs = trec(scores[orders], mine[orders], "success", KS).mean(axis=1)
        # Image 0 owns the texts in question, image 1 the others.
        matrix = np.stack([scores, np.zeros(4)], axis=1).astype(np.float32)
        ours = chances_i2t(matrix, np.where(mine, 0, 1), KS)[:, 0]
        assert ours == pytest.approx(theirs)


def labelled(seed, levels=None):
    """Scores, shared labels and n."""
    random = np.random.default_rng(seed)
    for _ in range(CASES):
        size = int(random.integers(2, 40))
        scores = random.permutation(size) / size if levels is None else random.integers(0, levels, size) / levels
        yield scores.astype(np.float32), random.choice([0, 0, 1, 2, 4], size), int(random.integers(1, 30))


def test_ndcg_is_scikit_learns_with_the_gains_of_burges_ties_in_expectation():
    for scores, shared, n in [*labelled(5), *labelled(6, levels=4)]:
        theirs = ndcg_score([np.exp2(shared) - 1], [scores], k=n)
        assert ndcg(rank_labels(scores, shared, n), n) == pytest.approx(theirs)


def test_ndcg_is_trec_evals_with_the_gains_of_burges_where_nothing_ties():
    for scores, shared, n in labelled(7):
        theirs = trec([scores], [np.exp2(shared) - 1], "ndcg_cut", [n])[0, 0]
        assert ndcg(rank_labels(scores, shared, n), n) == pytest.approx(theirs)


def test_average_precision_is_trec_evals_but_for_what_it_divides_by():
    for scores, shared, n in labelled(8):
        relevant = shared > 0
        within = relevant[np.argsort(-scores)][:n].sum()
        theirs = trec([scores], [relevant], "map_cut", [n])[0, 0] * relevant.sum() / max(within, 1)
        assert label_ap(rank_labels(scores, shared, n), n) == pytest.approx(theirs)
