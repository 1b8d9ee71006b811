"""What `import trsllava` offers: every name exists and is documented, and importing it costs nothing."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import trsllava

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


@pytest.mark.parametrize("name", trsllava.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    found = getattr(trsllava, name)
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8").partition("**Names.**")[2]
    if callable(found):
        assert found.__doc__


def test_the_version_is_the_installed_one() -> None:
    assert trsllava.__version__ == version("trsllava")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'serach'"):
        _ = trsllava.serach


def test_importing_loads_nothing_else() -> None:
    ask = "import sys; import trsllava; print([name for name in sys.modules if name.startswith('trsllava.')])"
    heavy = "print({'numpy', 'pydantic', 'onnxruntime', 'torch'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", f"{ask}; {heavy}"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\nset()\n"
