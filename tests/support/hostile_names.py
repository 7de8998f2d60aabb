"""Names that must be harmless wherever they are shown."""

HOSTILE = (
    "<script>hit()</script>",
    "</script><script>hit()</script>",
    "<!-- <script>",
    "]]></title><img src=x onerror=hit()>",
    "\"' onmouseover=hit() x=\"'",
    "photo\u202egnp.exe",
    "\u2066Fotos\u2069\u200f",
    "été 😀 日本",
    "javascript:hit()",
    "a\u2028b\x1b[31mc\\u003c",
)
