"""Where prompts lie, and which one a name means."""

from pathlib import Path

import pytest

from stackspot_cli.errors import ConfigError, UsageError
from stackspot_cli.prompts.library import Library, files_of, library, load, up_to_top


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a prompt and a file, and the user's own prompts beside it."""
    top = tmp_path / "project"
    (top / ".git").mkdir(parents=True)
    (top / "deep" / "er").mkdir(parents=True)
    (top / ".stackspot" / "prompts").mkdir(parents=True)
    (top / ".stackspot" / "prompts" / "review.md").write_text("the project's")
    (top / ".stackspot" / "prompts" / ".hidden.md").write_text("x")
    (top / "src").mkdir()
    (top / "src" / "a.py").write_text("a")
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "review.md").write_text("the user's")
    (tmp_path / "user" / "mine.prompt.yml").write_text("messages: [{role: user, content: x}]")
    (tmp_path / "secret").write_text("s")
    monkeypatch.chdir(top)
    return top


def of(project: Path, folder: str = ".") -> Library:
    return library(project / folder, project.parent / "user", None)


def test_the_project_comes_first_then_the_user_then_what_ships(project: Path) -> None:
    entries = {entry.name: entry.place.origin for entry in of(project).entries()}
    assert entries == {
        "review": "project",
        "mine": "user",
        "commit": "built-in",
        "explain": "built-in",
        "tests": "built-in",
        "translate": "built-in",
    }


@pytest.mark.parametrize("folder", [".", "deep", "deep/er"])
def test_the_project_is_looked_for_up_to_the_repositorys_top(project: Path, folder: str) -> None:
    assert load(of(project, folder).find("review")).messages[0].text == "the project's"


def test_outside_a_repository_only_the_folder_itself_is_looked_at(tmp_path: Path) -> None:
    assert list(up_to_top(tmp_path / "a" / "b")) == [tmp_path / "a" / "b"]


def test_nearer_prompts_come_first(project: Path) -> None:
    near = project / "deep" / ".stackspot" / "prompts"
    near.mkdir(parents=True)
    (near / "review.md").write_text("nearer")
    assert load(of(project, "deep/er").find("review")).messages[0].text == "nearer"


def test_a_path_works_in_place_of_a_name(project: Path) -> None:
    entry = of(project).find("../user/review.md")
    assert (entry.place.origin, load(entry).messages[0].text) == ("user", "the user's")
    assert of(project).find(".stackspot/prompts/review.md").place.origin == "project"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("revew", "there is no prompt revew", "did you mean review?"),
        ("zzz", "there is no prompt zzz", "there are review, mine, commit"),
        ("./zzz.md", "there is no file ./zzz.md", "a name without a slash"),
    ],
)
def test_an_unknown_name_tells_what_there_is(project: Path, name: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        of(project).find(name)
    assert refused.value.message == message
    assert refused.value.hint.startswith(hint)


def test_files_are_seen_from_the_project(project: Path) -> None:
    entry = of(project, "deep").find("review")
    assert files_of(entry, ("src/*.py", "src/a.py")) == (str(Path("src/a.py")),)
    with pytest.raises(UsageError, match="no file nope"):
        files_of(entry, ("nope",))


def test_files_of_the_users_prompt_are_seen_from_its_own_folder(project: Path) -> None:
    (project.parent / "user" / "style.md").write_text("s")
    entry = of(project).find("mine")
    assert files_of(entry, ("style.md",)) == (str(project.parent / "user" / "style.md"),)


@pytest.mark.parametrize("name", ["../secret", "*/../../secret", "link", "ABSOLUTE"])
def test_a_projects_prompt_names_nothing_outside_the_project(project: Path, name: str) -> None:
    (project / "link").symlink_to("../secret")
    name = str(project.parent / "secret") if name == "ABSOLUTE" else name
    with pytest.raises(ConfigError, match="lies outside the project"):
        files_of(of(project).find("review"), (name,))


def test_a_projects_prompt_is_no_link_to_elsewhere(project: Path) -> None:
    (project / ".stackspot" / "prompts" / "key.md").symlink_to(project.parent / "secret")
    with pytest.raises(ConfigError, match=r"key\.md lies outside the project"):
        load(of(project).find("key"))


def test_what_is_no_folder_has_no_prompts(project: Path) -> None:
    assert "mine" not in [entry.name for entry in library(project, project / "src" / "a.py", None).entries()]


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_what_ships_can_be_read_and_takes_input(tmp_path: Path, language: str) -> None:
    entries = list(library(tmp_path, tmp_path / "no", language).entries())
    templates = [load(entry) for entry in entries]
    assert [template.name for template in templates] == ["commit", "explain", "review", "tests", "translate"]
    for template in templates:
        assert template.takes_input
        assert template.description
        assert template.unknown_keys == ()
        assert all(default is not None for default in template.parameters.values())
