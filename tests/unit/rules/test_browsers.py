"""Where a browser opens beside the terminal, and where it would open over it or not at all."""

from __future__ import annotations

import pytest

from smug2s3.rules.browsers import opens_beside

SHOWN = {"DISPLAY": ":0"}
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


@pytest.mark.parametrize(
    ("environment", "platform", "release", "expected"),
    [
        pytest.param(SHOWN, "linux", "6.1", True, id="a desktop"),
        pytest.param({"WAYLAND_DISPLAY": "wayland-0"}, "linux", "6.1", True, id="a desktop with Wayland"),
        pytest.param({}, "darwin", "23.0", True, id="a Mac"),
        pytest.param({}, "win32", "11", True, id="Windows"),
        pytest.param({}, "linux", "6.1", False, id="a server"),
        pytest.param({"DISPLAY": ""}, "linux", "6.1", False, id="an empty display"),
        pytest.param({}, "freebsd14", "14", False, id="another server"),
        pytest.param(SSH, "linux", "6.1", False, id="SSH"),
        pytest.param(SSH | SHOWN, "linux", "6.1", False, id="SSH with X"),
        pytest.param(SSH, "darwin", "23.0", False, id="a Mac over SSH"),
        pytest.param({"WSL_DISTRO_NAME": "Debian"} | SHOWN, "linux", "6.1", False, id="WSL"),
        pytest.param(SHOWN, "linux", "5.15-microsoft-standard-WSL2", False, id="WSL by its kernel"),
        *[
            pytest.param(SHOWN | {"BROWSER": name}, "linux", "6.1", False, id=name)
            for name in (
                "lynx", "w3m", "www-browser", "/usr/bin/elinks", "links2 %s", "lynx:firefox", "'/opt/my tools/w3m' %s",
            )
        ],
        pytest.param({"BROWSER": "w3m"}, "darwin", "23.0", False, id="a text browser on a Mac"),
        pytest.param({"BROWSER": "sensible-browser"}, "linux", "6.1", False, id="one that chooses, on a server"),
        pytest.param({"BROWSER": "sensible-browser"} | SHOWN, "linux", "6.1", True, id="one that chooses, on a desktop"),
        pytest.param({"BROWSER": "firefox:lynx"} | SHOWN, "linux", "6.1", True, id="a text browser only at last"),
        pytest.param(SSH | {"BROWSER": "/opt/editor/bin/helpers/browser.sh"}, "linux", "6.1", True, id="an editor's"),
    ],
)  # fmt: skip
def test_a_browser_is_offered_where_it_opens_a_window_of_its_own(
    environment: dict[str, str], platform: str, release: str, *, expected: bool
) -> None:
    assert opens_beside(environment, platform, release) is expected
