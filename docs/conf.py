"""Sphinx: the pages of this folder, and API pages from docstrings. `make docs` builds them, without a network."""

from importlib.metadata import version as installed_version

project = "trsllava"
author = "The trsllava developers"
project_copyright = "The trsllava developers. Code: Apache-2.0. Weights: research use only"
release = version = installed_version("trsllava")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"trsllava {release}"
html_show_sphinx = False

myst_heading_anchors = 4  # links such as evaluation.md#hubs, as GitHub has them

autodoc_member_order = "bysource"
autodoc_default_options = {"exclude-members": "model_config"}
autodoc_typehints_format = "short"
default_role = "code"  # docstrings write `name`
