"""How the documentation site is built: `uv run --group docs sphinx-build -W docs site`."""

from __future__ import annotations

import sys
from pathlib import Path

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
