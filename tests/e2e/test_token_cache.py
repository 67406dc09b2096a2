"""One token for all processes: a private file that is trusted only when it is exactly that."""

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from fault_server import END, HOLD, Pause, Say, Until, delta, stream, token_reply
from program import Program

OK = (0, "Hello\n", "")


@pytest.fixture
def cached(program: Program) -> Path:
    """The file that a first call leaves."""
    assert program.ask().told == OK
    (path,) = program.token_files
    return path


def test_the_file_and_its_folders_are_private_whatever_the_umask(program: Program) -> None:
    before = os.umask(0)
    try:
        assert program.ask().told == OK
    finally:
        os.umask(before)
    (path,) = program.token_files
    modes = [stat.S_IMODE(place.stat().st_mode) for place in (path, path.parent, path.parent.parent)]
    assert [oct(mode) for mode in modes] == ["0o600", "0o700", "0o700"]


def test_a_second_call_asks_for_no_token(program: Program, cached: Path) -> None:
    assert program.ask().told == OK
    assert len(program.server.token_requests) == 1


@pytest.mark.parametrize("where", ["STACKSPOTAI_CLIENT_ID", "STACKSPOTAI_REALM", "STACKSPOTAI_CLIENT_KEY"])
def test_another_account_or_a_rotated_key_is_a_miss(program: Program, cached: Path, where: str) -> None:
    program.secrets.append("rotated-key-77aa")
    assert program.ask(env={where: "rotated-key-77aa"}).told == OK
    assert len(program.server.token_requests) == 2


def test_another_service_is_a_miss(program: Program, cached: Path) -> None:
    assert program.ask(env={"STACKSPOTAI_IDM_BASE": f"{program.server.url}/other"}).told == OK
    assert len(program.server.token_requests) == 2


DAMAGE = {
    "truncated": lambda content: content[: len(content) // 2],
    "empty": lambda content: b"",
    "binary": lambda content: b"\x00\xff" * 100,
    "no object": lambda content: b"[1, 2]",
    "null": lambda content: b"null",
    "foreign": lambda content: b'{"token": "x", "expires": 99999999999}',
    "nested": lambda content: b"[" * 100_000,
    "huge": lambda content: content + b" " * 2_000_000,
    "mark gone": lambda content: changed(content, mark=None),
    "mark of a number": lambda content: changed(content, mark=7),
    "token a number": lambda content: changed(content, access_token=7),
    "token null": lambda content: changed(content, access_token=None),
    "token swapped": lambda content: changed(content, access_token="somebody-elses"),
    "token with a line break": lambda content: changed(content, access_token="a\r\nX: y"),
    "life a string": lambda content: changed(content, expires_at="soon"),
    "life true": lambda content: changed(content, expires_at=True),
    "life prolonged": lambda content: changed(content, expires_at=9e12),
    "life infinite": lambda content: changed(content, expires_at=float("inf")),
    "life huge": lambda content: changed(content, expires_at=10**400),
}


def changed(content: bytes, **fields: object) -> bytes:
    return json.dumps(json.loads(content) | fields).encode()


@pytest.mark.parametrize("way", DAMAGE)
def test_a_damaged_file_is_a_miss_without_a_word_and_is_replaced(
    program: Program, cached: Path, way: str
) -> None:
    cached.write_bytes(DAMAGE[way](cached.read_bytes()))
    assert program.ask().told == OK
    assert program.ask().told == OK
    assert len(program.server.token_requests) == 2


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602, 0o610])
def test_a_file_that_others_may_touch_is_a_miss_and_is_private_again(
    program: Program, cached: Path, mode: int
) -> None:
    cached.chmod(mode)
    assert program.ask().told == OK
    assert (len(program.server.token_requests), stat.S_IMODE(cached.stat().st_mode)) == (2, 0o600)


def test_a_symbolic_link_is_neither_read_nor_written_through(program: Program, cached: Path) -> None:
    elsewhere = program.folder / "elsewhere" / "tokens"
    elsewhere.parent.mkdir()
    cached.rename(elsewhere)
    content = elsewhere.read_bytes()
    cached.symlink_to(elsewhere)
    assert program.ask().told == OK
    assert len(program.server.token_requests) == 2
    assert (cached.is_symlink(), elsewhere.read_bytes()) == (False, content)
    elsewhere.unlink()


def test_a_folder_in_the_place_of_the_file_costs_a_note(program: Program, cached: Path) -> None:
    cached.unlink()
    cached.mkdir()
    outcome = program.ask()
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    assert outcome.err.startswith("note: the token cache in ") and outcome.err.count("\n") == 1


@pytest.mark.parametrize("home", ["/proc/nowhere/stackspot", "/dev/null/stackspot", "/dev/full"])
def test_a_cache_that_cannot_be_written_costs_a_note_and_not_the_answer(program: Program, home: str) -> None:
    outcome = program.ask(env={"STACKSPOTAI_HOME": home})
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    assert outcome.err.startswith("note: the token cache in ") and outcome.err.count("\n") == 1


def test_a_full_disk_costs_a_note_and_not_the_answer(program: Program) -> None:
    """A limit on the size of files stands for the disk: it says EFBIG where that one would say ENOSPC."""
    limit = ("sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "sh")
    outcome = program.finish(program.start("complete", "hi", "--no-history", prefix=limit))
    assert (outcome.code, outcome.out) == (0, "Hello\n")
    assert "note: the token cache in " in outcome.err and "error" not in outcome.err


def test_an_expired_token_is_renewed_before_it_is_used(program: Program, cached: Path) -> None:
    program.age(cached, 1200)
    assert program.ask().told == OK
    assert len(program.server.token_requests) == 2


def test_a_token_from_the_future_is_not_trusted(program: Program, cached: Path) -> None:
    program.age(cached, -3600)
    assert program.ask().told == OK
    assert len(program.server.token_requests) == 2


def test_twenty_cold_processes_share_one_token_request(program: Program) -> None:
    program.server.token([Pause(1.0), token_reply()])
    processes = [program.start("complete", f"question {number}") for number in range(20)]
    outcomes = [program.finish(process).told for process in processes]
    assert outcomes == [OK] * 20
    assert (len(program.server.token_requests), len(program.server.api_requests)) == (1, 20)


def test_a_holder_that_was_killed_blocks_nobody(program: Program) -> None:
    asked = threading.Event()
    program.server.token([Say(asked), HOLD], token_reply())
    holder = program.start("complete", "hi")
    assert asked.wait(30)
    holder.kill()
    holder.wait(30)
    assert program.ask("--deadline", "5").told == OK
    assert len(program.server.token_requests) == 2


def test_a_waiter_goes_without_the_cache_when_its_deadline_comes(program: Program) -> None:
    asked, go = threading.Event(), threading.Event()
    program.server.token([Say(asked), Until(go), token_reply()])
    holder = program.start("complete", "hi")
    assert asked.wait(30)
    waiter = program.ask("--deadline", "0.3")
    go.set()
    assert waiter.code == 6 and "deadline" in waiter.err
    assert program.finish(holder).told == OK


def test_a_waiter_takes_the_token_that_the_holder_got(program: Program) -> None:
    asked, go = threading.Event(), threading.Event()
    program.server.token([Say(asked), Until(go), token_reply()])
    program.server.api(stream(delta("Hello"), END))
    holder = program.start("complete", "hi")
    assert asked.wait(30)
    waiter = program.start("complete", "hi")
    go.set()
    assert [program.finish(one).told for one in (holder, waiter)] == [OK, OK]
    assert len(program.server.token_requests) == 1


def test_nothing_is_made_by_help_a_usage_error_or_a_dry_run(program: Program) -> None:
    for argv in (["--help"], ["complete", "--help"], ["complete", "--nope"], ["complete", "--dry-run", "hi"]):
        program.call(*argv)
    assert not program.home.exists() and program.server.requests == []
