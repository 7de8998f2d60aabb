"""What is shown of an answer has no content: no name, caption, address or key."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from smug2s3.rules.shapes import shape

SECRET = "jane-doe-holiday"

ANSWER = {
    "Response": {
        "Uri": f"/api/v2/library/asset/{SECRET}!components",
        "Locator": "Component",
        "Component": [
            {
                "ComponentType": "svi",
                "ComponentKey": SECRET,
                "DownloadUrl": f"https://www.smugmug.com/smugvault/{SECRET}?sig={SECRET}",
                "Url": f"https://{SECRET}.smugmug.com/x",
                "Extension": "RW2",
                "FileName": f"{SECRET}.RW2",
                "FileSize": 7,
                "MD5": "0123456789abcdef0123456789abcdef",
                "ComponentFileTypes": {"Image": ["jpg", SECRET], SECRET: []},
                "Old": None,
                "IsVideo": True,
            },
        ]
        * 3,
    },
    "Expansions": {f"/api/v2/{SECRET}": {}},
}


def test_fields_and_kinds_are_shown() -> None:
    (one,) = shape(ANSWER)["Response"]["Component"]
    assert one == {
        "ComponentType": "svi",
        "ComponentKey": "text",
        "DownloadUrl": "an address at www.smugmug.com, in /smugvault/, with a query",
        "Url": "an address at another host",
        "Extension": "RW2",
        "FileName": "text",
        "FileSize": "number",
        "MD5": "32 hex digits",
        "ComponentFileTypes": {"Image": ["jpg", "text"], "(a name that is not shown)": []},
        "Old": "null",
        "IsVideo": "true or false",
    }
    assert SECRET not in json.dumps(shape(ANSWER))


@given(
    st.recursive(
        st.just(SECRET) | st.just(f"https://{SECRET}/{SECRET}") | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["Extension", "Name", SECRET]), inner),
    )
)
def test_nothing_secret_comes_through(answer: Any) -> None:
    assert SECRET not in json.dumps(shape(answer))
