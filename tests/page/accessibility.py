"""What axe says of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """Breaks of WCAG 2.2 AA: the rule, what it asks, and the elements that break it."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _RULES}}).response["violations"]
    return [f"{one['id']}: {one['help']}: " + "; ".join(node["html"][:200] for node in one["nodes"]) for one in found]
