"""What the README repeats from the guides is the guides' own text, to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"```{language}\n.*?```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL
    )


@pytest.mark.parametrize(("language", "count"), [("yaml", 3), ("groovy", 1)])
def test_the_ci_recipes_are_the_tested_ones(language: str, count: int) -> None:
    recipes = blocks("ci-recipes.md", language)
    assert [recipe for recipe in recipes if recipe in README] == recipes
    assert len(recipes) == count


@pytest.mark.parametrize(
    "line", ["OPENAI_API_KEY=any", "aider --model openai/stackspot-ai-code", "edit-format: whole"]
)
def test_the_lines_for_aider_are_its_pages(line: str) -> None:
    assert line in README
    assert line in (ROOT / "docs" / "client-aider.md").read_text(encoding="utf-8")
