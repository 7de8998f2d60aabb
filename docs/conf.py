"""How the documentation site is built: `uv run --group docs sphinx-build -W docs site`."""

from __future__ import annotations

import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

from smug2s3 import __version__

project = "smug2s3"
author = "The smug2s3 authors"
version = release = __version__

extensions = ["myst_parser", "program_help"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 4
smartquotes = False  # two dashes begin an option
exclude_patterns: list[str] = []

html_theme = "furo"
html_title = "smug2s3"
html_copy_source = False
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
pygments_style = "friendly"
pygments_dark_style = "monokai"
highlight_language = "none"

SHORT = 40
"""Characters of code that fit into a line on a phone."""


def mark_short_code(_app: Sphinx, doctree: nodes.document) -> None:
    """Let the style keep short code in one line, where browsers would break it at its dashes."""
    for code in doctree.findall(nodes.literal):
        if len(code.astext()) <= SHORT:
            code["classes"].append("short")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("doctree-read", mark_short_code)
