"""The page of chapters: no row is missing, and every public name says where it comes from."""

import inspect
import re
from pathlib import Path

import pytest

import rlkit.nets
import rlkit.nets.sb3
from studies.pages import chapters as page

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    written = page.PAGE.read_text(encoding="utf-8")
    assert written == page.render(), "run python -m studies.pages.chapters"


@pytest.mark.parametrize("name", ["chapters", "exam", "optimisation"])
def test_every_link_leads_to_a_file(name: str) -> None:
    file = ROOT / "docs" / f"{name}.md"
    links = re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8"))
    assert [link for link in links if not (file.parent / link).exists()] == []
    assert links


def test_no_row_is_missing() -> None:
    last = {2: 15, 3: 6, 4: 13, 5: 12, 6: 13, 7: 34, 8: 19, 14: 11}
    wanted = {f"{chapter}.{item}" for chapter, n in last.items() for item in range(1, n + 1)}
    wanted |= {"2.4b", "5.7b", "5.7c", "5.10b", "6.7b", "8.5b"}
    wanted |= {"7.9b", "7.15b", "7.15c", "7.22b", "7.22c", "7.27b", "7.27c"}
    assert {row.id for row in page.ROWS} == wanted


def test_rows_that_name_nothing_are_errors() -> None:
    with pytest.raises(LookupError, match="LSTMM does not exist"):
        page._link("LSTMM")
    with pytest.raises(LookupError, match="has no test_nothing"):
        page._test("attention::nothing")


def test_public_names_are_sorted_and_no_private_module_leaks() -> None:
    for package in (rlkit.nets, rlkit.nets.sb3):
        assert list(package.__all__) == sorted(package.__all__, key=_natural)
        assert all(hasattr(package, name) for name in package.__all__)


def _natural(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions: the order of ruff's `__all__`."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


@pytest.mark.parametrize(
    "name", [name for name in dir(rlkit.nets) if inspect.isclass(getattr(rlkit.nets, name))]
)
def test_every_public_class_names_its_source(name: str) -> None:
    documentation = getattr(rlkit.nets, name).__doc__
    assert re.search(r"([Ss]ections?|[Ee]q\.|figure) \d|[a-z.] \d{4}", documentation)
