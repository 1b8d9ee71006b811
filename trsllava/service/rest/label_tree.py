"""`/v1/label-tree`: the tree of labels that a collection looks its labels up in."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query

from trsllava.service.access import Writes
from trsllava.service.answers import LabelTreeAnswer
from trsllava.service.models import LabelTreeFile, OfCollection
from trsllava.service.problems import described
from trsllava.service.state import Service, ServiceOf

router = APIRouter(tags=["collections"], dependencies=[Writes])


@router.put("/label-tree", responses=described(400, 404, 413, 429, 503, 507))
async def use_label_tree(given: LabelTreeFile, service: ServiceOf) -> LabelTreeAnswer:
    """Look labels up in a tree: a label then stands for all its names, and for every label below it."""
    return await service.admission.run(partial(_used, service, given.collection, given.file))


@router.delete("/label-tree", responses=described(400, 404, 429, 503, 507))
async def use_no_label_tree(given: Annotated[OfCollection, Query()], service: ServiceOf) -> LabelTreeAnswer:
    """Let labels stand for themselves again."""
    return await service.admission.run(partial(_used, service, given.collection, None))


def _used(service: Service, collection: str | None, file: str | None) -> LabelTreeAnswer:
    archive = service.archives.get(collection)
    if file is None:
        archive.use_labels(None)
    else:
        archive.use_label_file(file)
    tree = archive.label_tree()
    return LabelTreeAnswer(
        collection=archive.settings.collection,
        name=tree.name if tree else None,
        version=tree.version if tree else "",
        labels=len(list(tree)) if tree else 0,
    )
