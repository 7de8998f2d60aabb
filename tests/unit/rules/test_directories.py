"""Every folder and album has a directory of its own, for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smug2s3.models import Node
from smug2s3.rules import keys
from smug2s3.rules.directories import Directories
from tests.unit.samples import file_names, node

children = st.lists(
    st.builds(
        node,
        st.text("abcdefgh23456", min_size=4, max_size=6),
        st.one_of(file_names, st.sampled_from(["Trip", "trip", "TRIP"])),
        st.sampled_from(["2019", "2020"]),
    ),
    max_size=10,
    unique_by=lambda child: child.node_id,
)


def test_children_of_the_root_lie_at_the_top_and_others_below_their_parent() -> None:
    assert Directories().name_children("", [node("n1", "Family")]) == {"n1": "Family"}
    assert Directories().name_children("Family", [node("n2", "2019")]) == {"n2": "Family/2019"}


def test_a_folder_without_children_needs_no_names() -> None:
    assert Directories().name_children("Family", []) == {}


def test_two_siblings_of_one_name_lie_apart() -> None:
    given = Directories().name_children("", [node("n2", "Trip", "2020"), node("n1", "TRIP", "2019")])
    assert given == {"n1": "TRIP", "n2": "Trip-n2"}


def test_equal_names_under_different_folders_stay_plain() -> None:
    directories = Directories()
    assert directories.name_children("A", [node("n1", "Trip")]) == {"n1": "A/Trip"}
    assert directories.name_children("B", [node("n2", "Trip")]) == {"n2": "B/Trip"}


def test_a_directory_of_an_earlier_run_goes_to_nobody_else() -> None:
    directories = Directories([("Trip", "gone")])
    assert directories.name_children("", [node("n1", "trip", "1999")]) == {"n1": "trip-n1"}


def test_no_folder_of_smugmug_lies_where_the_previews_are() -> None:
    """Nor one that an earlier version gave that directory to: its stored files stay there, new ones lie apart."""
    assert Directories().name_children("", [node("n1", "_Gallery")]) == {"n1": "_Gallery-n1"}
    assert Directories([("_gallery", "n1")]).name_children("", [node("n1", "_gallery")]) == {"n1": "_gallery-n1"}
    assert Directories().name_children("Family", [node("n2", "_gallery")]) == {"n2": "Family/_gallery"}


def test_a_renamed_album_gets_a_new_directory_and_keeps_the_old_one_from_others() -> None:
    directories = Directories([("Trip", "n1")])
    assert directories.name_children("", [node("n1", "Journey"), node("n2", "Trip")]) == {
        "n1": "Journey",
        "n2": "Trip-n2",
    }


def test_an_album_renamed_back_gets_its_first_directory_back() -> None:
    directories = Directories([("Trip", "n1"), ("Journey", "n1")])
    assert directories.name_children("", [node("n1", "Trip")]) == {"n1": "Trip"}


def test_only_directories_given_for_the_first_time_are_fresh_and_only_once() -> None:
    directories = Directories([("Trip", "n1")])
    directories.name_children("", [node("n1", "Trip"), node("n2", "New")])
    assert directories.take_fresh() == [("New", "n2")]
    assert directories.take_fresh() == []


@given(children)
def test_siblings_never_meet(nodes: list[Node]) -> None:
    given = Directories().name_children("Top", nodes)
    assert given.keys() == {child.node_id for child in nodes}
    assert len({keys.fold(directory) for directory in given.values()}) == len(nodes)


@given(children, children)
def test_a_later_run_gives_everybody_the_same_directory(early: list[Node], late: list[Node]) -> None:
    first = Directories()
    before = first.name_children("Top", early)
    known = {child.node_id for child in early}
    newcomers = [child for child in late if child.node_id not in known]
    after = Directories(first.take_fresh()).name_children("Top", [*newcomers, *early])
    assert {node_id: after[node_id] for node_id in before} == before
