"""`stackspot history`: what it prints, what it refuses, what it takes away."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsing import parse
from past import streamed

from stackspot_cli.account import Account
from stackspot_cli.cli import run
from stackspot_cli.commands.history import delete, export, looks, path, search, show
from stackspot_cli.commands.history import list as listing
from stackspot_cli.commands.shared_options import ListingFormat
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.past import new_conversation
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.domain import Conversation, Delta, Done, Event, Question
from stackspot_cli.history.store import History
from stackspot_cli.history.typed_lines import InputHistory
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.terminal.streams import Terminal
from stackspot_cli.terminal.table import width

MODEL = BUILT_IN_MODELS[0]
FIRST, SECOND, OTHER = (
    "01AAAAAAAAAAAAAAAAAAAAAAAA",
    "01ABBBBBBBBBBBBBBBBBBBBBBB",
    "01CCCCCCCCCCCCCCCCCCCCCCCC",
)
NASTY = "\x1b]0;owned\x07 red\x1b[31m"


class World:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"STACKSPOTAI_HOME": str(home), "TZ": "UTC"}

    def __call__(
        self, *arguments: str, answer: bytes = b"", terminal: bool = False, **environ: str
    ) -> tuple[int, str, str]:
        fake = Terminal.fake(
            answer,
            stdin_kind="terminal" if terminal else "none",
            stdout_is_terminal=terminal,
            environ={**self.environ, **environ},
        )
        code = run(["history", *arguments], {**self.environ, **environ}, fake)
        return int(code), fake.out, fake.err

    def say(self, id_: str, *turns: tuple[str, str], whole: bool = True, profile: str = "stackspot") -> None:
        history = History(self.home / "history.db", note=print)
        conversation: Conversation = new_conversation(id_, Account(profile), MODEL)
        for prompt, text in turns:
            events: list[Event] = [Delta(text), Done()] if whole else [Delta(text)]
            plan = plan_turn(conversation, Question(prompt), MODEL, scope="s", fresh_id=lambda: "FRESH")
            answering = Answering(
                plan, lambda _model, _prompt, e=events: streamed(e), now=Clock.now, history=history
            )  # type: ignore[misc]
            with answering:
                list(answering.events())
            conversation = answering.conversation
        history.close()


class Clock:
    seconds = 1_700_000_000.0

    @classmethod
    def now(cls) -> float:
        cls.seconds += 1
        return cls.seconds


@pytest.fixture
def history(tmp_path: Path) -> Iterator[World]:
    Clock.seconds = 1_700_000_000.0
    yield World(tmp_path)


@pytest.fixture
def talks(history: World) -> World:
    history.say(FIRST, ("Write a factorial\nplease", "def factorial(n): …\n"))
    history.say(SECOND, ("Say hi", "Hello"), ("And bye", "Half a go"), whole=False)
    return history


def objects(result: tuple[int, str, str]) -> list[dict[str, object]]:
    code, out, err = result
    assert (code, err) == (0, "")
    found = json.loads(out)
    return found if isinstance(found, list) else [found]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("list", listing.Options()),
        ("list --limit 3 --format json", listing.Options(3, ListingFormat.json)),
        ("show", show.Options()),
        ("show 01K --format json", show.Options("01K", show.ShowFormat.json)),
        ("search some words --limit 1", search.Options(("some", "words"), 1)),
        ("path", path.Options()),
        ("export", export.Options()),
        ("export 01K 01L", export.Options(("01K", "01L"))),
        (
            "export --all --format jsonl -o F",
            export.Options(all=True, format=export.ExportFormat.jsonl, output="F"),
        ),
        ("delete 01K -y", delete.Options(("01K",), yes=True)),
        ("delete --all", delete.Options(all=True)),
    ],
)
def test_argv_becomes_options(line: str, options: object) -> None:
    assert parse("history", *line.split()) == options


# --- looking ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "out", "err"),
    [
        (["list"], "", "note: no conversations yet\n"),
        (["list", "--format", "json"], "[]\n", ""),
        (["search", "word"], "", "note: nothing found\n"),
        (["search", "word", "--format", "json"], "[]\n", ""),
        (["export", "--all", "--format", "json"], "[]\n", ""),
        (["export", "--all"], "", ""),
        (["delete", "--all", "--yes"], "", "note: no conversations yet\n"),
        (["delete", "--all"], "", "note: no conversations yet\n"),
    ],
)
def test_an_empty_history_is_no_error_and_stays_absent(
    history: World, arguments: list[str], out: str, err: str
) -> None:
    assert history(*arguments) == (0, out, err)
    assert list(history.home.iterdir()) == []


def test_a_list_is_aligned_and_newest_first(talks: World) -> None:
    code, out, err = talks("list")
    assert (code, err) == (0, "")
    head, second, first = out.splitlines()
    assert head.split() == ["ID", "LAST", "MODEL", "TURNS", "TITLE"]
    assert second.startswith(f"{SECOND}  2023-11-1")
    assert second.endswith("  stackspot-ai  2      Say hi [cut]")
    assert first.endswith("  stackspot-ai  1      Write a factorial")


def test_a_list_tells_the_profile_where_there_are_several(talks: World) -> None:
    talks.say(OTHER, ("Hi", "Ho"), profile="customer")
    head, *rows = talks("list")[1].splitlines()
    assert "PROFILE" in head
    assert [" customer " in row for row in rows] == [True, False, False]


def test_a_list_fits_the_terminal(history: World) -> None:
    history.say(FIRST, ("漢字" * 60, "ok"))
    _code, out, _err = history("list", terminal=True, NO_COLOR="1")
    head, *lines = out.splitlines()
    assert (len(lines), lines[-1][-1]) == (looks.TITLE_LINES, "…")
    assert lines[0].startswith(FIRST[:10] + "  ")  # the rest of the id has no room that a title needs
    assert all(width(line) <= 80 for line in [head, *lines])


def test_a_list_as_json_has_the_ids_that_conversation_takes(talks: World) -> None:
    assert objects(talks("list", "--format", "json", "--limit", "1")) == [
        {
            "id": SECOND,
            "title": "Say hi",
            "profile": "stackspot",
            "model": "stackspot-ai",
            "created_at": "2023-11-14T22:13:23.000Z",
            "updated_at": "2023-11-14T22:13:26.000Z",
            "turns": 2,
            "state": "cut",
        }
    ]


def test_show_gives_the_last_conversation_back(talks: World) -> None:
    code, out, err = talks("show")
    assert (code, err) == (0, "")
    head, rest = out.split("\n", 1)
    assert head.startswith(f"{SECOND}  stackspot-ai  2023-11-1")
    assert rest == "\n> Say hi\n\nHello\n\n[cut off here]\n\n> And bye\n\nHalf a go\n\n[cut off here]\n"


def test_show_takes_the_beginning_of_an_id_in_either_case(talks: World) -> None:
    assert talks("show", FIRST[:4].lower())[1].endswith(
        "\n\n> Write a factorial\n> please\n\ndef factorial(n): …\n"
    )


def test_show_on_a_terminal_sets_the_answers_as_they_stood_there(history: World) -> None:
    history.say(FIRST, ("Which *two*?", "## Two\n\n- **one**\n- other\n"))
    code, out, _err = history("show", terminal=True, NO_COLOR="1")
    assert code == 0
    assert out.split("\n", 1)[1] == "\n> Which *two*?\n\n## Two\n\n• **one**\n• other\n"
    assert "\x1b[1m" in history("show", terminal=True)[1]


def test_show_takes_another_format_by_its_option(history: World) -> None:
    history.say(FIRST, ("Which?", "- one\n"))
    assert history("show", "--format", "text", terminal=True)[1].endswith("> Which?\n\n- one\n")
    assert history("show", "--format", "markdown")[1].endswith("> Which?\n\n• one\n")


def test_show_as_json_is_exact(history: World) -> None:
    history.say(FIRST, ("q", NASTY))
    [found] = objects(history("show", FIRST, "--format", "json"))
    assert (found["id"], found["turns"][0]["answer"]) == (FIRST, NASTY)  # type: ignore[index]


@pytest.mark.parametrize("command", [["show"], ["list"], ["search", "red"], ["export"]])
@pytest.mark.parametrize("terminal", [True, False])
def test_stored_words_give_no_orders(history: World, command: list[str], terminal: bool) -> None:
    history.say(FIRST, (f"red {NASTY}", NASTY))
    code, out, _err = history(*command, terminal=terminal, NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in out
    assert "\x07" not in out
    assert "]0;ow" in out


def test_in_a_build_log_stored_words_give_no_orders(history: World) -> None:
    history.say(FIRST, ("q", "::set-env name=x::y"))
    assert "\n::set-env" not in history("show", CI="true")[1]


def test_the_last_conversation_of_another_profile_is_not_shown(history: World) -> None:
    history.say(OTHER, ("Hi", "Ho"), profile="customer")
    code, out, err = history("show")
    assert (code, out) == (2, "")
    assert err.startswith("error: there is no conversation yet\nhint: ")


def test_search_shows_where(talks: World) -> None:
    code, out, err = talks("search", "FACTOR")
    assert (code, err) == (0, "")
    where, place = out.splitlines()
    assert where.startswith(FIRST)
    assert place == "    Write a factorial please def factorial(n): …"


def test_search_as_json_names_the_conversation(talks: World) -> None:
    [found] = objects(talks("search", "and", "bye", "--format", "json"))
    assert (found["id"], found["excerpt"]) == (SECOND, "And bye Half a go")


def test_all_words_are_asked_for_even_in_one_argument(talks: World) -> None:
    assert talks("search", "and bye")[1].startswith(SECOND)
    assert talks("search", "bye and factorial")[1] == ""


def test_path_says_where_and_makes_nothing(history: World) -> None:
    assert history("path") == (0, f"{history.home / 'history.db'}\n", "")
    assert list(history.home.iterdir()) == []


# --- taking out ------------------------------------------------------------------------------------


def test_an_export_of_everything_is_oldest_first(talks: World) -> None:
    code, out, err = talks("export", "--all", "--format", "jsonl")
    assert (code, err) == (0, "")
    assert [json.loads(line)["id"] for line in out.splitlines()] == [FIRST, SECOND]


def test_an_export_of_one_is_markdown(talks: World) -> None:
    out = talks("export", FIRST[:4])[1]
    assert out.startswith("# Write a factorial\n")
    assert out.endswith("## You\n\nWrite a factorial\nplease\n\n## stackspot-ai\n\ndef factorial(n): …\n")


def test_an_export_of_none_is_the_last(talks: World) -> None:
    assert [found["id"] for found in objects(talks("export", "--format", "json"))] == [SECOND]


@pytest.mark.parametrize("format_", ["md", "json", "jsonl"])
def test_an_export_to_a_file_leaves_stdout_empty(talks: World, tmp_path: Path, format_: str) -> None:
    file = tmp_path / "out"
    printed = talks("export", "--all", "--format", format_)[1]
    assert talks("export", "--all", "--format", format_, "-o", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8") == printed


def test_an_export_that_cannot_be_written_is_exit_3(talks: World, tmp_path: Path) -> None:
    code, out, err = talks("export", "-o", str(tmp_path / "no" / "out"))
    assert (code, out) == (3, "")
    assert err.startswith("error: cannot write")


# --- deleting --------------------------------------------------------------------------------------


def ids(world: World) -> list[object]:
    return [found["id"] for found in objects(world("list", "--format", "json"))]


@pytest.mark.parametrize(
    ("answer", "left"), [(b"y\n", [SECOND]), (b"\n", [SECOND, FIRST]), (b"", [SECOND, FIRST])]
)
def test_deleting_asks(talks: World, answer: bytes, left: list[str]) -> None:
    code, out, err = talks("delete", FIRST, answer=answer, terminal=True)
    assert (code, out) == (0, "")
    assert err.startswith("Delete “Write a factorial” for good? [y/N] ")
    assert ids(talks) == left


def test_deleting_everything_asks_for_the_number(talks: World) -> None:
    assert talks("delete", "--all", answer=b"n\n", terminal=True) == (
        0,
        "",
        "Delete 2 conversations for good? [y/N] note: nothing was deleted\n",
    )


def test_deleting_with_yes_does_not_ask(talks: World) -> None:
    assert talks("delete", FIRST[:4], FIRST, "--yes") == (0, "", "note: conversations deleted: 1\n")
    assert ids(talks) == [SECOND]


def test_deleting_everything_deletes_what_was_put_aside_as_well(talks: World) -> None:
    left = talks.home / "history.db.damaged-20200101T000000Z"
    left.write_text("old")
    assert talks("delete", "--all", "--yes") == (0, "", "note: conversations deleted: 2\n")
    assert (ids(talks), left.exists()) == ([], False)
    left.write_text("old")
    assert talks("delete", "--all", "--yes") == (0, "", "note: conversations deleted: 0\n")
    assert not left.exists()


def test_the_lines_that_were_typed_go_with_what_was_said(talks: World) -> None:
    lines = InputHistory(talks.home / "input-history-of-an-account", note=print)
    for line in ("Say hi", "And bye", "Write a factorial\nplease", "never sent"):
        lines.add(line)
    assert talks("delete", SECOND, "--yes")[0] == 0
    assert lines.load() == ["Write a factorial\nplease", "never sent"]
    assert talks("delete", "--all", "--yes")[0] == 0
    assert lines.load() == []


def test_deleting_everything_deletes_typed_lines_also_where_nothing_was_kept(history: World) -> None:
    lines = InputHistory(history.home / "input-history-of-an-account", note=print)
    lines.add("never sent")
    assert history("delete", "--all", "--yes") == (0, "", "note: conversations deleted: 0\n")
    assert list(history.home.iterdir()) == []


def test_deleting_one_names_what_may_hold_its_words_too(talks: World) -> None:
    left = talks.home / "history.db.damaged-20200101T000000Z"
    left.write_text("old")
    assert talks("delete", FIRST, "--yes") == (
        0,
        "",
        "note: conversations deleted: 1\n"
        f"note: a damaged history of before may hold the words, too: {left}; --all deletes it\n",
    )


@pytest.mark.parametrize("command", [("show",), ("export",), ("delete", "--yes")])
def test_an_id_that_is_no_text_is_an_unknown_one(talks: World, command: tuple[str, ...]) -> None:
    code, out, err = talks(*command, "ol\udce1")
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "error: no conversation ol\\udce1"


def test_a_history_that_is_no_file_is_told_with_a_hint_that_can_be_followed(history: World) -> None:
    (history.home / "history.db").mkdir(parents=True)
    code, out, err = history("list")
    assert (code, out) == (3, "")
    assert err.splitlines() == [
        f"error: cannot use the history {history.home / 'history.db'}: Is a directory",
        "hint: check that it is a file of yours, that its disk has room and that no other program holds it; "
        "STACKSPOTAI_HOME names another folder",
    ]


def test_nothing_is_deleted_where_one_id_is_unknown(talks: World) -> None:
    assert talks("delete", FIRST, "NOPE", "--yes")[0] == 2
    assert ids(talks) == [SECOND, FIRST]


# --- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "NOPE"], "no conversation NOPE"),
        (["show", "01A"], f"more than one conversation begins with 01A: {SECOND}, {FIRST}"),
        (["export", "NOPE"], "no conversation NOPE"),
        (["export", "--all", FIRST], "--all exports everything, and an id was given too"),
        (["delete", FIRST], "deleting asks first, and stdin is not a terminal"),
        (["delete", "--yes"], "say which: either ids or --all"),
        (["delete", FIRST, "--all", "--yes"], "say which: either ids or --all"),
        (["search", " "], "no word to search for"),
    ],
)
def test_a_wrong_call_is_exit_2_and_says_why(talks: World, arguments: list[str], message: str) -> None:
    code, out, err = talks(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {message}\nhint: ")
    assert ids(talks) == [SECOND, FIRST]


@pytest.mark.parametrize(
    "arguments", [["search"], ["list", "--limit", "0"], ["list", "--format", "xml"], ["nothing"]]
)
def test_what_the_parser_refuses_is_exit_2(history: World, arguments: list[str]) -> None:
    code, out, err = history(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert list(history.home.iterdir()) == []
