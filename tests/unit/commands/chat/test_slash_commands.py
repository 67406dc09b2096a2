"""A chat without a service: what a line leads to, and what each command changes."""

from pathlib import Path

import pytest
from chat_talk import FACTORIAL, TALK, talked

from stackspot_cli.commands.chat.actions import Action, Copy, Edit, Leave, Nothing, Save, Say, Send
from stackspot_cli.commands.chat.inputs import Input
from stackspot_cli.commands.chat.loop import bottom_line
from stackspot_cli.commands.chat.session import Session, Status
from stackspot_cli.commands.chat.slash_commands import COMMANDS, handle, offered
from stackspot_cli.domain import Turn, Usage
from stackspot_cli.errors import UsageError


def did(session: Session, text: str, *, verbatim: bool = False) -> Action:
    return handle(session, Input(text, verbatim))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("What breaks?", Send("What breaks?")),
        ("What breaks?  \n", Send("What breaks?")),
        ("  indented", Send("  indented")),
        ("", Nothing()),
        (" \t\n", Nothing()),
        ("//usr/bin is what?", Send("/usr/bin is what?")),
        (" // both", Send("/ both")),
        ("1/2", Send("1/2")),
        ("/exit", Leave()),
        ("/EXIT", Leave()),
        (" /exit ", Leave()),
        ("/quit", Leave()),
        ("/retry", Send("Write it")),
        ("/edit", Edit("Write it", replaces_last=True)),
        ("/edit Dear all", Edit("Dear all", replaces_last=False)),
        ("/save talk.md", Save("talk.md")),
        ("/save 'my talk.md'", Save("my talk.md")),
        ("/copy", Copy(FACTORIAL, "the answer")),
        ("/copy code", Copy("def f(): ...\n", "the first of 2 code blocks")),
        ("/undo", Say("taken back: Write it")),
        ("/new", Say("a new conversation")),
        ("/model stackspot-ai-code", Say("model: stackspot-ai-code")),
        ("/system Be brief.\nIn Portuguese.", Say("instructions: Be brief.\nIn Portuguese.")),
        ("/system", Say("instructions: none")),
        ("/temperature", Say("temperature: 0.7, the default")),
        ("/temperature 0.2", Say("temperature: 0.2")),
        ("/temperature 0,2", Say("temperature: 0.2")),
        ("/temperature -", Say("temperature: 0.7, the default")),
        ("/file", Say("no file waits for the next message")),
        ("/history", Say("no conversations yet")),
    ],
)
def test_a_line_leads_to_an_action(session: Session, line: str, expected: Action) -> None:
    assert did(session, line) == expected


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "/modle x",
            "there is no command /modle, and nothing was sent",
            "did you mean /model? /help lists them; // begins a message that starts with a slash",
        ),
        (
            "/usr/bin/env: no such file",
            "there is no command /usr/bin/env:, and nothing was sent",
            "did you mean /undo? /help lists them; // begins a message that starts with a slash",
        ),
        (
            "/\x1b[2J",
            "there is no command /␛[2J, and nothing was sent",
            "did you mean /edit? /help lists them; // begins a message that starts with a slash",
        ),
        (
            "/temperature 2",
            "the temperature is a number from 0.0 to 1.0, not 2.0",
            "0 is the steadiest, 1 the liveliest; default 0.7",
        ),
        (
            "/temperature nan",
            "the temperature is a number from 0.0 to 1.0, not nan",
            "0 is the steadiest, 1 the liveliest; default 0.7",
        ),
        (
            "/temperature warm",
            "the temperature is a number, not warm",
            "for example /temperature 0.2",
        ),
        ("/open", "which conversation?", "/history lists them: /open 01K4"),
        ("/copy all", "/copy takes nothing, or the word code", "/copy code copies the first code block"),
        *[
            (
                f"/{name} extra",
                f"/{name} takes nothing after it, and nothing was done",
                f"write /{name} alone; // begins a message that starts with a slash",
            )
            for name in ("retry", "undo", "new", "history", "tokens", "exit")
        ],
        ("/save a b", "/save takes one name", "put quotes around a name with spaces"),
        (
            "/file -x",
            "no file -x",
            "check the name, or type TAB; `/file tests/*.py` takes many",
        ),
    ],
)
def test_a_wrong_line_is_a_sentence_and_changes_nothing(
    session: Session, line: str, message: str, hint: str
) -> None:
    before = (session.model, session.conversation, session.temperature, session.system)
    with pytest.raises(UsageError) as caught:
        did(session, line)
    assert caught.value.message == message
    if "did you mean" not in hint or line.startswith("/modle"):
        assert caught.value.hint == hint
    assert (session.model, session.conversation, session.temperature, session.system) == before


def test_files_that_no_message_could_hold_are_told_at_once_and_do_not_wait(
    session: Session, tmp_path: Path
) -> None:
    (tmp_path / "small.txt").write_text("word " * 1_000)
    (tmp_path / "big.txt").write_text("word " * 30_000)
    did(session, f"/file {tmp_path}/small.txt")
    with pytest.raises(UsageError) as caught:
        did(session, f"/file {tmp_path}/big.txt")
    assert caught.value.message == "the files have at least 31000 tokens; stackspot-ai takes 16384"
    assert "/model agent:NAME" in caught.value.hint
    assert [one.name for one in session.waiting] == [f"{tmp_path}/small.txt"]


@pytest.mark.parametrize("line", ["/retry", "/undo", "/copy", "/copy code"])
def test_at_the_beginning_there_is_nothing_to_go_back_to(session: Session, line: str) -> None:
    talked(session)
    with pytest.raises(UsageError):
        did(session, line)


def test_a_block_or_a_paste_is_a_message_whatever_it_starts_with(session: Session) -> None:
    assert did(session, "/exit\nis a command", verbatim=True) == Send("/exit\nis a command")


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_help(session: Session, command: object) -> None:
    name = command.name  # type: ignore[attr-defined]
    everything = did(session, "/help")
    alone = did(session, f"/help {name[1:]}")
    assert isinstance(everything, Say)
    assert isinstance(alone, Say)
    assert f"\n{name}" in f"\n{everything.text}"
    assert alone.text.startswith(name)
    assert alone.text.splitlines()[1].strip()


def test_the_commands_are_those_of_the_contract() -> None:
    assert {"/help", "/model", "/system", "/temperature", "/file", "/retry", "/undo", "/edit", "/new"} | {
        "/history",
        "/open",
        "/save",
        "/copy",
        "/tokens",
        "/exit",
    } <= {command.name for command in COMMANDS}


# --- what changes ----------------------------------------------------------------------------------


def test_undo_takes_turns_back_one_by_one_and_the_service_has_seen_too_much(session: Session) -> None:
    did(session, "/undo")
    assert (session.conversation.turns, session.conversation.in_sync) == (TALK[:1], False)
    did(session, "/undo")
    assert session.conversation.turns == ()


def test_retry_takes_the_turn_back_first(session: Session) -> None:
    did(session, "/retry")
    assert (session.conversation.turns, session.conversation.in_sync) == (TALK[:1], False)


def test_a_message_that_was_not_sent_is_what_retry_undo_and_edit_mean(session: Session) -> None:
    session.unsent = "too long"
    assert did(session, "/edit") == Edit("too long", replaces_last=False)
    assert did(session, "/retry") == Send("too long")
    assert did(session, "/undo") == Say("taken back: too long")
    assert (session.unsent, session.conversation.turns) == (None, TALK)


def test_new_begins_anew_with_the_same_model(session: Session) -> None:
    session.use_model("stackspot-ai-code")
    before = session.conversation.id
    did(session, "/new")
    assert session.conversation.id != before
    assert (session.conversation.turns, session.model.name) == ((), "stackspot-ai-code")


def test_a_file_goes_with_the_next_message_alone(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print()\n")
    (tmp_path / "with space.md").write_text("````")
    assert did(session, "/file a.py") == Say("goes with the next message: a.py")
    assert did(session, "/file with space.md") == Say("goes with the next message: a.py, with space.md")
    assert did(session, "Look") == Send(
        "Look\n\na.py\n```py\nprint()\n```\n\nwith space.md\n`````md\n````\n`````"
    )
    assert did(session, "Again") == Send("Again")


def test_files_are_all_taken_or_none(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    with pytest.raises(UsageError):
        did(session, "/file a.py missing.py")
    assert did(session, "/file") == Say("no file waits for the next message")


def test_files_can_be_forgotten(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x")
    did(session, "/file *.py ~/a.py")
    assert len(session.waiting) == 2
    assert did(session, "/file -") == Say("no file waits for the next message")


def test_instructions_can_be_taken_away(session: Session) -> None:
    did(session, "/system Be brief.")
    assert session.system == "Be brief."
    did(session, "/system -")
    assert session.system is None


def test_reading_commands_make_no_file(session: Session, tmp_path: Path) -> None:
    for line in ("/history", "/tokens", "/help", "/model"):
        did(session, line)
    assert list(tmp_path.iterdir()) == []


# --- counts ----------------------------------------------------------------------------------------


def test_an_estimate_is_marked_and_a_count_is_not(session: Session) -> None:
    assert not session.status().counted
    talked(session, Turn("q", "a", "complete", usage=Usage(1200, 34)))
    status = session.status()
    assert (status.used, status.left, status.counted) == (1234, 16_384 - 1234, True)
    assert did(session, "/tokens") == Say(
        "used: 1234 of 16384 tokens, left: 15150\n"
        "counted by the service in this conversation: 1200 in, 34 out"
    )


def test_the_estimate_learns_from_what_the_service_counted(session: Session) -> None:
    from stackspot_cli.conversation.past import learn

    history = session.app.history
    before = session.status().used
    for _ in range(5):
        learn(history, session.model, 4000, 2000)
    assert session.status().used > before


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (
            Status("stackspot-ai", "01K45T82PF8QC64C9DNHGQWHY2", 1234, 15150, counted=True),
            "stackspot-ai · 01K45T82PF · tokens: 1,234 used, 15,150 left",
        ),
        (
            Status("agent:X", "01K45T82PF8QC64C9DNHGQWHY2", 5, 0, counted=False),
            "agent:X · 01K45T82PF · tokens: ~5 used, ~0 left",
        ),
    ],
)
def test_the_bottom_line(status: Status, expected: str) -> None:
    assert bottom_line(status) == expected


# --- completion ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "count", "expected"),
    [
        ("", 0, []),
        ("hello /", 0, []),
        ("//", 0, []),
        ("/te", 3, ["/temperature ", "/tests "]),
        ("/RE", 3, ["/retry"]),
        ("/h", 2, ["/help ", "/history"]),
        ("/model stackspot-ai-", 13, ["stackspot-ai-chat", "stackspot-ai-code"]),
        ("/model ag", 2, ["agent:"]),
        ("/copy c", 1, ["code"]),
        ("/help re", 2, ["/retry"]),
        ("/nonsense x", 0, []),
        ("/open 0", 1, []),
        ("/file s", 1, ["src/"]),
        ("/file src/", 4, ["src/a.py", "src/with\\ space.py"]),
        ("/file src/a.py src/with\\ s", 11, ["src/with\\ space.py"]),
        ("/file ~/s", 3, ["~/src/"]),
        ("/file .", 1, [".hidden"]),
        ("/save src/a", 5, ["src/a.py"]),
        ("/file no/such", 7, []),
    ],
)
def test_tab_offers(session: Session, tmp_path: Path, line: str, count: int, expected: list[str]) -> None:
    (tmp_path / "src").mkdir()
    for name in ("src/a.py", "src/with space.py", "src/evil\x1b[2J.py", ".hidden"):
        (tmp_path / name).write_text("")
    place, found = offered(session, line)
    assert [text for text, _meta in found] == expected
    if expected:
        assert place == count
