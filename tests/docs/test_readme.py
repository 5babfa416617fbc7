"""The README's tables are what this code computes, on every machine."""

import re
from pathlib import Path

import pytest

from studies.pages import readme

PAGE = Path(__file__).parents[2] / "README.md"


def test_tables_are_what_the_command_computes() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert readme.with_tables(text, PAGE.parent) == text


def test_every_table_stands_between_the_comments_of_a_command() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in readme.TABLES:
        text = re.sub(f"<!-- {name}: .*<!-- /{name} -->", "", text, flags=re.DOTALL)

    assert not re.search(r"^\|", text, re.MULTILINE)


def test_a_page_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="exact cabin"):
        readme.with_tables("# A page\n", PAGE.parent)
