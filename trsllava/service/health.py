"""`/healthz`: the process lives."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

router = APIRouter(tags=["operation"])


class Health(BaseModel):
    """The process answers."""

    status: str


@router.get("/healthz")
async def healthz() -> Health:
    """Answers while the process lives."""
    return Health(status="ok")
