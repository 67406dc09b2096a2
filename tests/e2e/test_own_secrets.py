"""Our own key or token in what is to be sent: refused before anything is sent or kept, unless it is meant."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fault_server import TOKEN
from program import CLIENT_KEY, Program

from stackspot_cli import OwnSecretInside, StackSpot

KEPT = {"STACKSPOTAI_HISTORY": None}
HINT = (
    "hint: take it out (`env` and config files hold it), or send it all the same: --send-secrets, or "
    "STACKSPOTAI_SEND_SECRETS=on"
)
SHAPED = {
    "as it is": CLIENT_KEY,
    "in JSON": json.dumps({"client_secret": CLIENT_KEY}),
    "in an address": f"https://x.example/?k={quote(CLIENT_KEY, safe='')}",
    "in base64": base64.b64encode(CLIENT_KEY.encode()).decode(),
    "in a header": "Basic " + base64.b64encode(f"id:{CLIENT_KEY}".encode()).decode(),
}


@pytest.mark.parametrize("shape", SHAPED)
@pytest.mark.parametrize("way", ["argument", "stdin", "file", "system"])
def test_the_client_key_in_a_prompt_is_refused(program: Program, way: str, shape: str) -> None:
    text = f"A=1\nSTACKSPOTAI_CLIENT_KEY={SHAPED[shape]}\n"
    argv, stdin = ["complete", "Explain"], b""
    if way == "argument":
        argv[1] = text
    elif way == "stdin":
        stdin = text.encode()
    elif way == "file":
        path = program.folder / "env.txt"
        path.write_text(text)
        argv += ["-f", str(path)]
    else:
        argv += ["-s", text]
    outcome = program.call(*argv, stdin=stdin, env=KEPT)
    assert outcome.told == (
        2,
        "",
        f"error: the prompt holds your own client key or token, and was not sent\n{HINT}\n",
    )
    assert program.server.requests == []
    assert not (program.home / "history.db").exists()
    for path in program.folder.glob("*.txt"):
        path.unlink()


def test_the_token_cache_is_refused_as_a_file(program: Program) -> None:
    assert program.ask().code == 0
    (cache,) = program.token_files
    assert program.call("complete", "-f", str(cache), "--no-stdin", "Explain").code == 2
    assert len(program.server.api_requests) == 1


def test_a_key_that_is_not_in_use_is_one_as_well(program: Program) -> None:
    env = {"STACKSPOT_CLIENT_KEY": "another-key-1234", "STACKSPOTAI_SERVE_KEY": "gateway-key-1234"}
    for key in env.values():
        assert program.call("complete", "--no-stdin", f"What is {key}?", env=env).code == 2


def test_dry_run_does_not_print_it(program: Program) -> None:
    outcome = program.call("complete", "--dry-run", "--no-stdin", CLIENT_KEY)
    assert (outcome.code, outcome.out) == (2, "")


@pytest.fixture
def spoken(program: Program) -> Iterator[Program]:
    """One that is told to send it, and sends it: what is kept is then nobody's mistake."""
    program.secrets = []
    yield program


@pytest.mark.parametrize("way", ["option", "variable", "config"])
def test_what_is_meant_is_sent(spoken: Program, way: str) -> None:
    spoken.home.mkdir(mode=0o700)
    if way == "config":
        (spoken.home / "config.yaml").write_text("send_secrets: true\n")
    option = ("--send-secrets",) if way == "option" else ()
    env = {"STACKSPOTAI_SEND_SECRETS": "on"} if way == "variable" else {}
    assert spoken.call("complete", *option, "--no-stdin", CLIENT_KEY, env=env).told == (0, "Hello\n", "")
    assert spoken.server.api_requests[-1].json["user_prompt"] == CLIENT_KEY


def test_the_sandbox_s_key_is_no_secret(program: Program) -> None:
    outcome = program.call("--sandbox", "complete", "--no-stdin", "sandbox-client-key and sandbox-key")
    assert outcome.code == 0


def test_a_chat_goes_on_after_it(program: Program) -> None:
    env = {**KEPT, "TERM": "dumb", "STACKSPOTAI_SERVE_KEY": "gateway-key-1234"}
    with program.on_terminal("chat", env=env) as screen:
        place = screen.wait_for(b"> ")
        screen.type(b"why gateway-key-1234?\n")
        place = screen.wait_for(b"holds your own client key or token", after=place)
        place = screen.wait_for(b"> ", after=place)
        screen.type(b"hello\n")
        place = screen.wait_for(b"Hello", after=place)
        place = screen.wait_for(b"> ", after=place)
        screen.type(b"/exit\n")
        assert screen.end() == 0
    assert len(program.server.api_requests) == 1


def test_a_quick_command_s_input_is_refused(program: Program) -> None:
    outcome = program.call("run", "explain", "--no-stdin", f"key {CLIENT_KEY}")
    assert outcome.code == 2 and "the request holds your own client key" in outcome.err
    assert program.server.api_requests == []


def test_an_upload_is_refused_before_it_is_announced(program: Program) -> None:
    path = program.folder / "env.txt"
    path.write_text(f"KEY={CLIENT_KEY}")
    outcome = program.call("complete", "-m", "agent:01K45T82PF8QC64C9DNHGQWHY2", "--upload", str(path), "hi")
    path.unlink()
    assert outcome.code == 2 and f"{path} holds your own client key or token" in outcome.err
    assert program.server.api_requests == []


def test_from_python_it_is_an_error_of_its_own(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in program.world(None).items():
        monkeypatch.setenv(name, value)
    with StackSpot() as client, pytest.raises(OwnSecretInside):
        client.completion([{"role": "user", "content": f"Bearer {CLIENT_KEY}"}])
    with StackSpot() as client:
        client.completion([{"role": "user", "content": "hi"}])
        with pytest.raises(OwnSecretInside):
            list(client.stream(f"What is {TOKEN}?"))
    assert len(program.server.api_requests) == 1
