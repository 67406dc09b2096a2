"""Uploads, knowledge and lists against the strict service and the sandbox."""

from pathlib import Path
from typing import Any

import pytest
from program import Program
from strict_service import UPLOAD, StrictService

from stackspot_cli.sandbox import Sandbox

AGENT = "agent:01K45T82PF8QC64C9DNHGQWHY2"
MEGABYTE = 1024 * 1024


@pytest.fixture
def report(tmp_path: Path) -> Path:
    file = tmp_path / 'a "b"\n.txt'
    file.write_bytes(b"caf\xc3\xa9\r\n--stackspot\r\n\0\xff")
    return file


def test_a_file_goes_to_the_storage_and_its_id_with_the_prompt(
    world: Program, strict: StrictService, report: Path
) -> None:
    outcome = world.call("complete", "-m", AGENT, "--upload", str(report), "Hi")
    assert outcome.told == (0, "Olá\n", outcome.err)
    assert strict.stored == [("a %22b%22%0A.txt", report.read_bytes())]
    form, chat = strict.requests
    assert form[2] == {"file_name": 'a "b"\n.txt', "target_type": "CONTEXT", "expiration": 600}
    assert chat[2]["upload_ids"] == [f"{UPLOAD[:-2]}00"]


def test_the_same_file_twice_is_one_upload(world: Program, strict: StrictService, report: Path) -> None:
    again = report.parent / "." / report.name
    world.call("complete", "-m", AGENT, "--upload", str(report), "--upload", str(again), "Hi")
    assert len(strict.stored) == 1
    assert len(strict.requests[-1][2]["upload_ids"]) == 1


def test_a_quick_command_takes_uploads_too(world: Program, strict: StrictService, report: Path) -> None:
    outcome = world.call("run", "--poll", "0.01", "translate", "x", "--upload", str(report))
    assert outcome.out == "Hola\n"
    created = next(body for _method, path, body in strict.requests if "create-execution" in path)
    assert created == {"input_data": "x", "upload_ids": [f"{UPLOAD[:-2]}00"]}


def test_passing_failures_of_form_and_storage_are_tried_again(
    world: Program, strict: StrictService, report: Path
) -> None:
    strict.faults = {"/v2/file-upload/form": [503, 500], "storage": [503, 503]}
    assert world.call("complete", "-m", AGENT, "--upload", str(report), "Hi").code == 0
    assert len(strict.stored) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 8), (400, 8), (503, 6), (302, 6)])
def test_a_storage_that_refuses_ends_it_without_showing_its_key(
    world: Program, strict: StrictService, report: Path, status: int, code: int
) -> None:
    strict.faults = {"storage": [status] * 3}
    outcome = world.call("-v", "complete", "-m", AGENT, "--upload", str(report), "Hi")
    assert (outcome.code, outcome.out) == (code, "")
    assert "s3cr3t" not in outcome.err
    assert strict.paths("/chat") == []
    if status in (400, 403):
        assert f'the storage refused a "b" .txt ({status}): Reduce your rate.' in outcome.err


def test_an_account_without_uploads_is_told_so(world: Program, strict: StrictService, report: Path) -> None:
    strict.faults = {"/v2/file-upload/form": [403]}
    outcome = world.call("complete", "-m", AGENT, "--upload", str(report), "Hi")
    assert outcome.code == 4
    assert "hint: uploads need an enterprise account" in outcome.err


@pytest.mark.parametrize(
    "url", ["http://storage.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "x", "http://["]
)
def test_a_file_goes_nowhere_but_over_https(program: Program, report: Path, url: str) -> None:
    from fault_server import reply

    program.server.api(reply(201, {"id": "U", "url": url, "form": {}}))
    outcome = program.call("complete", "--upload", str(report), "Hi")
    assert (outcome.code, outcome.out) == (6, "")
    assert "not https: nothing was uploaded" in outcome.err


@pytest.mark.parametrize("command", [("complete", "Hi"), ("run", "translate", "x")])
def test_what_cannot_be_uploaded_is_refused_before_anything_is_sent(
    world: Program, strict: StrictService, tmp_path: Path, command: tuple[str, ...]
) -> None:
    large, fine = tmp_path / "large.bin", tmp_path / "fine.txt"
    with large.open("wb") as stream:
        stream.truncate(10 * MEGABYTE + 1)
    fine.write_text("x")
    for name, why in (
        (large, "has 10485761 bytes: StackSpot takes files of up to 10485760"),
        (tmp_path / "nowhere", "No such file or directory"),
        (tmp_path, "is no file that could be uploaded"),
    ):
        outcome = world.call(*command, "--upload", str(fine), "--upload", str(name))
        assert (outcome.code, outcome.out) == (2, "")
        assert why in outcome.err
    assert strict.requests == []


def test_the_largest_file_arrives_whole_and_shows_how_far_it_is(
    world: Program, strict: StrictService, tmp_path: Path
) -> None:
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(range(256)) * (10 * MEGABYTE // 256))
    outcome = world.call("complete", "-m", AGENT, "--upload", str(file), "Hi", stderr_is_terminal=True)
    assert outcome.out == "Olá\n"
    assert strict.stored == [("large.bin", file.read_bytes())]
    assert "50 % uploading large.bin" in outcome.err


def test_a_small_file_needs_no_bar(world: Program, report: Path) -> None:
    outcome = world.call("complete", "-m", AGENT, "--upload", str(report), "Hi", stderr_is_terminal=True)
    assert "%" not in outcome.err


def test_a_dry_run_names_the_files_and_sends_nothing(
    world: Program, strict: StrictService, report: Path
) -> None:
    outcome = world.call("complete", "-m", AGENT, "--upload", str(report), "--dry-run", "Hi")
    assert outcome.json["body"]["upload_ids"] == [f"<the id of {report}>"]
    assert strict.requests == []


def test_a_chat_uploads_once_and_tells_again_where_everything_is_told_anew(
    world: Program, strict: StrictService, report: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("x")
    lines = ["one", f"/upload {other}", "two", f"/upload {other}", "three", "/undo", "four", "/new", "five"]
    outcome = world.call(
        "chat",
        "--commands",
        "-m",
        AGENT,
        "--upload",
        str(report),
        stdin="\n".join(lines).encode(),
        env={"COLUMNS": "80"},
    )
    assert outcome.code == 0, outcome.err
    first, second = f"{UPLOAD[:-2]}00", f"{UPLOAD[:-2]}01"
    sent = [body["upload_ids"] for _method, path, body in strict.requests if path.endswith("/chat")]
    assert sent == [[first], [second], [], [first, second], []]
    assert len(strict.stored) == 2


@pytest.mark.parametrize("entry", ["/upload nowhere.pdf", "/upload"])
def test_an_upload_that_cannot_be_sends_nothing(world: Program, strict: StrictService, entry: str) -> None:
    outcome = world.call("chat", "--commands", "-m", AGENT, stdin=f"{entry}\n".encode())
    assert outcome.code == (2 if "nowhere" in entry else 0)
    assert strict.requests == []


# --- knowledge --------------------------------------------------------------------------------------------


def test_a_knowledge_source_is_created_filled_shown_and_cleared(
    world: Program, strict: StrictService, tmp_path: Path
) -> None:
    (tmp_path / "style.md").write_text("Say why.")
    assert world.call("knowledge", "create", "rules", "--name", "Rules").told == (0, "rules\n", "")
    assert strict.knowledge["rules"] == {
        "slug": "rules",
        "name": "Rules",
        "description": "Rules",
        "type": "custom",
    }
    add = ("knowledge", "add", "rules", str(tmp_path / "style.md"), "--split", "lines", "--poll", "0.01")
    assert world.call(*add, "--split-quantity", "7", "--split-overlap", "0").told == (
        0,
        "INDEXED  style.md\n",
        "",
    )
    assert strict.stored == [("style.md", b"Say why.")]
    index = next(body for _method, path, body in strict.requests if "knowledge-objects" in path)
    assert index == {"split_strategy": "LINES_QUANTITY", "split_quantity": 7, "split_overlap": 0}
    strict.objects["rules"] = [{"id": "o1", "name": "style.md", "content": "Say why.\x1b[31m"}]
    shown = world.call("knowledge", "show", "rules")
    assert shown.out.splitlines()[-1] == "- style.md: Say why.␛[31m"
    assert world.call("knowledge", "show", "rules", "--format", "json").json["objects"][0]["id"] == "o1"
    assert world.call("knowledge", "list", "--format", "json").json[0]["slug"] == "rules"
    assert world.call("knowledge", "clear", "rules", "--yes").told == (0, "", "note: rules is empty\n")
    assert strict.objects["rules"] == []


def test_a_slug_that_exists_is_refused_with_what_to_do(world: Program, strict: StrictService) -> None:
    strict.knowledge["rules"] = {"slug": "rules"}
    outcome = world.call("knowledge", "create", "rules")
    assert outcome.told == (
        8,
        "",
        "error: StackSpot refused the request (422): slug: already exists\n"
        "hint: where it exists already, fill it: stackspot knowledge add rules FILE\n",
    )


def test_every_file_is_reported_and_one_that_fails_ends_in_8(
    world: Program, strict: StrictService, tmp_path: Path
) -> None:
    strict.knowledge["rules"] = {"slug": "rules"}
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    strict.indexing = ["PROCESSING", "SPLIT_ERROR", "INDEXED", "INDEXED"]
    strict.faults = {"/v2/file-upload/form": []}
    files = [str(tmp_path / name) for name in ("a", "b", "c")]
    outcome = world.call("knowledge", "add", "rules", *files, "--poll", "0.01")
    assert (outcome.code, outcome.out) == (8, "SPLIT_ERROR  a\nINDEXED  b\nINDEXED  c\n")
    assert outcome.err.startswith("error: not added to rules: a (SPLIT_ERROR)\n")
    strict.indexing = ["INDEXED"]
    told = world.call("knowledge", "add", "rules", *files, "--poll", "0.01", "--format", "json").json
    assert [(one["file"], one["status"], one["indexed"]) for one in told] == [
        (name, "INDEXED", True) for name in ("a", "b", "c")
    ]


def test_what_is_not_indexed_in_time_is_exit_9(world: Program, strict: StrictService, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    strict.indexing = ["PROCESSING"]
    outcome = world.call("knowledge", "add", "rules", str(tmp_path / "a"), "--poll", "0.01", "--wait", "0.05")
    assert (outcome.code, outcome.out) == (9, "RUNNING  a\n")
    assert "has not been indexed within 0.05 s" in outcome.err


def test_clearing_asks_on_a_terminal(world: Program, strict: StrictService) -> None:
    strict.knowledge["rules"] = {"slug": "rules"}
    terminal: dict[str, Any] = {"stdin_kind": "terminal", "stderr_is_terminal": True}
    no = world.call("knowledge", "clear", "rules", stdin=b"\n", **terminal)
    assert (no.code, no.err) == (
        0,
        "Delete everything in the knowledge source rules? [y/N] note: nothing was deleted\n",
    )
    assert strict.requests == []
    assert world.call("knowledge", "clear", "rules", stdin=b"y\n", **terminal).code == 0
    assert world.call("knowledge", "clear", "rules", "--yes", **terminal).code == 0
    assert strict.paths("objects") == ["DELETE /v1/knowledge-sources/rules/objects"] * 2


@pytest.mark.parametrize("stderr", [True, False])
def test_clearing_is_refused_where_nobody_can_be_asked(
    world: Program, strict: StrictService, stderr: bool
) -> None:
    refused = world.call("knowledge", "clear", "rules", stdin=b"y\n", stderr_is_terminal=stderr)
    assert refused.told == (
        2,
        "",
        "error: deleting asks first, and stdin is not a terminal\nhint: add --yes to delete without asking\n",
    )
    assert strict.requests == []


@pytest.mark.parametrize("command", ["show", "create", "clear"])
def test_what_is_no_slug_is_a_usage_error(world: Program, strict: StrictService, command: str) -> None:
    outcome = world.call("knowledge", command, "../x")
    assert (outcome.code, strict.requests) == (2, [])


def test_an_unknown_knowledge_source_is_exit_8(world: Program) -> None:
    assert world.call("knowledge", "show", "nowhere").code == 8


def test_the_sandbox_indexes_too(tmp_path: Path) -> None:
    file, empty = tmp_path / "notes.md", tmp_path / "empty.md"
    file.write_text("Say why, not what.")
    empty.write_text("")
    with Sandbox() as sandbox:
        world = Program(tmp_path, sandbox)
        add = ("knowledge", "add", "house-rules", str(file), str(empty), "--poll", "0.01")
        outcome = world.call(*add)
        assert (outcome.code, outcome.out) == (8, "INDEXED  notes.md\nSPLIT_ERROR  empty.md\n")
        objects = world.call("knowledge", "show", "house-rules", "--format", "json").json["objects"]
        assert [one["name"] for one in objects] == ["style.md", "notes.md"]
        asked = world.call("complete", "-m", AGENT, "--upload", str(file), "Hi")
        assert "attachments `notes.md`" in asked.out


# --- lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["v4", "v3", "v1"])
def test_agents_are_listed_by_whichever_version_answers(
    world: Program, strict: StrictService, version: str
) -> None:
    strict.agents_version = version
    strict.agents = {
        "personal": [{"id": f"A{number}", "name": f"Agent {number}"} for number in range(5)],
        "account": [{"id": "B", "slug": "shared"}, {"id": "A0", "name": "Agent 0"}],
    }
    told = world.call("agents", "--format", "json").json
    assert [agent["id"] for agent in told] == ["A0", "A1", "A2", "A3", "A4", "B"]
    assert told[5] == {
        "id": "B",
        "slug": "shared",
        "name": None,
        "description": None,
        "visibility": None,
        "model": "agent:B",
    }


def test_agents_for_people_are_aligned_and_safe(world: Program, strict: StrictService) -> None:
    strict.agents["personal"] = [{"id": "A", "name": "Evil\x1b[2J", "visibility_level": "personal"}]
    assert world.call("agents", "--visibility", "personal").out == (
        "ID  NAME      VISIBILITY  DESCRIPTION\nA   Evil␛[2J  personal    -\n"
    )


@pytest.mark.parametrize(("status", "code"), [(401, 4), (403, 4), (404, 8), (422, 8)])
def test_a_list_that_is_refused_says_how_to_do_without(
    world: Program, strict: StrictService, status: int, code: int
) -> None:
    strict.faults = {f"/{version}/agents": [status] * 4 for version in ("v4", "v3", "v1")}
    outcome = world.call("agents")
    assert (outcome.code, outcome.out) == (code, "")
    assert "hint: an agent's id is the ULID in its address in the portal" in outcome.err


def test_one_visibility_that_is_refused_is_a_note(world: Program, strict: StrictService) -> None:
    strict.faults = {"/v4/agents": [403]}
    outcome = world.call("agents", "--format", "json")
    assert (outcome.code, outcome.json) == (0, [])
    assert outcome.err.startswith("note: those with visibility personal are missing: ")


def test_a_service_that_is_down_is_no_refusal(world: Program, strict: StrictService) -> None:
    strict.faults = {"/v4/agents": [503] * 3}
    assert world.call("agents").code == 6
    assert strict.paths("/v3") == []


def test_remote_models_are_added(world: Program, strict: StrictService) -> None:
    told = world.call("models", "--remote", "--format", "json").json
    assert [(one["name"], one["route"]) for one in told[3:]] == [("GPT", "llm"), ("claude", "llm")]
    assert set(told[0]) == set(told[3])
    assert "--select-model claude" in world.call("models", "--remote").out


def test_remote_models_that_nobody_tells_are_a_note(world: Program, strict: StrictService) -> None:
    strict.faults = {"/v1/llm/models": [403]}
    outcome = world.call("models", "--remote", "--format", "json")
    assert (outcome.code, len(outcome.json)) == (0, 3)
    assert outcome.err.startswith("note: StackSpot will not tell the account's LLMs: ")
