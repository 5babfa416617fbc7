"""Where compiled code is kept, and what is said where it cannot be."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rlkit import compiled


@pytest.fixture(autouse=True)
def _ask_again() -> Iterator[None]:
    compiled._cache_folder.cache_clear()
    yield
    compiled._cache_folder.cache_clear()


def test_it_is_kept_in_the_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RLKIT_CACHE_DIR", str(tmp_path / "kernels"))

    assert compiled.keeps_code()
    assert [folder.name[:8] for folder in (tmp_path / "kernels").iterdir()] == ["kernels-"]


def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("RLKIT_CACHE_DIR", str(file))

    with pytest.warns(UserWarning, match="cannot be kept in .*file, .* RLKIT_CACHE_DIR"):
        kept = compiled.keeps_code()
    assert not kept
