"""Keys and files correspond, whatever the key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from toil_core.local.object_paths import folder_of_prefix, key_of_file, keys_of_folder, object_path
from toil_core.model.object_key import is_key

PARTS = st.one_of(
    st.text("ab.-_9", min_size=1, max_size=6),
    st.sampled_from([".nfs", ".nfsa", "+", "...", "tmp"]),
    st.integers(250, 512).map("n".__mul__),
    st.integers(250, 258).map(lambda length: "n" * length + ".nfs1"),
)
KEYS = st.lists(PARTS, min_size=1, max_size=4).map("/".join).filter(is_key)


def key_at(path: str) -> str | None:
    *folders, name = path.split("/")
    above: str | None = ""
    for folder in folders:
        assert above is not None
        above = keys_of_folder(above, folder)
    assert above is not None
    return key_of_file(above, name)


@given(KEYS)
def test_key_is_found_again_from_its_file(key: str) -> None:
    path = object_path("/root", key)
    assert path.startswith("/root/")
    assert key_at(path.removeprefix("/root/")) == key


@given(KEYS)
def test_no_file_name_is_too_long_for_a_file_system(key: str) -> None:
    assert max(len(name.encode()) for name in object_path("/root", key).split("/")) <= 255


@given(KEYS, st.integers(0, 512))
def test_folder_of_a_prefix_holds_the_key(key: str, length: int) -> None:
    prefix = key[:length]
    folder, above = folder_of_prefix("/root", prefix)
    assert object_path("/root", key).startswith(folder + "/")
    assert prefix.startswith(above)


def test_the_stores_own_files_are_no_objects() -> None:
    assert key_of_file("", "+store") is None
    assert keys_of_folder("", "+tmp") is None
    assert key_of_file("a/", ".nfs0000000000a1b2c3") is None
