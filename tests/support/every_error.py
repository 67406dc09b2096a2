"""Runs what can go wrong, command by command, in the locale of this process, and prints what each call said.

    LC_ALL=pt_BR.UTF-8 python every_error.py FOLDER       one JSON array a line: [argv, exit code, stdout, stderr]

A process of its own, because the language is chosen once, at the first import. Calls are made inside it: hundreds of
processes would take minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stackspot_cli.cli import run
from stackspot_cli.commands.tree import build
from stackspot_cli.sandbox import FAULTS, Sandbox
from stackspot_cli.terminal.streams import Terminal

SERVING = ("serve", "sandbox")  # these wait for others once their call is right
REVIEWER = "agent:01K45T82PF8QC64C9DNHGQWHY2"
NOBODY = "agent:01HQ3W8ZK9V5X2M7C4N6B8D0EF"
# name -> a config file that is wrong in its own way
CONFIGS = {
    "open quotation": 'a: 1\nb: "never closed\n',
    "open list": "a: [1, 2\n",
    "open mapping": "a: {b: 1\n",
    "no key": "a: 1\n- b\n",
    "tab": "a:\n\tb: 1\n",
    "colon": "a: b: c\n",
    "alias": "a: *nobody\n",
    "character": "a: @b\n",
    "escape": 'a: "\\q"\n',
    "two documents": "a: 1\n---\nb: 2\n",
    "control character": "a: \x01\n",
    "a list": "- a\n- b\n",
    "twice": "timeout: 1\ntimeout: 2\n",
    "deep": "[" * 40,
    "wrong kinds": "timeout: soon\n",
    "negative": "retries: -1\n",
    "huge": "timeout: 1e12\n",
    "switch": "history: perhaps\n",
    "address": "providers: {stackspot: {api_base: 'ftp://x'}}\n",
    "plain http": "providers: {stackspot: {api_base: 'http://example.com'}}\n",
    "model": "providers: {stackspot: {models: {x: {agent: nope}}}}\n",
    "two targets": "providers: {stackspot: {models: {x: {agent: 01K45T82PF8QC64C9DNHGQWHY2, quick_command: y}}}}\n",
    "unknown keys": "tmeout: 1\nproviders: {stackspot: {client_idd: x, api_key: written-out, client_id: y}}\n",
    "no mapping": "providers: 3\n",
    "wrong model": "default_model: stackspot-ai-cod\n",
}
# Calls of one world each, beside those that are made of the tree.
ASKING: list[list[str]] = [
    ["complete"],
    ["complete", "-m", "stackspot-ai-cod", "oi"],
    ["complete", "-m", "agent:nope", "oi"],
    ["complete", "-m", NOBODY, "oi"],
    ["complete", "-m", "command:nope", "oi"],
    ["complete", "-m", "command:fails", "oi"],
    ["complete", "-t", "3", "oi"],
    ["complete", "-t", "1,5", "oi"],
    ["complete", "--max-tokens", "99999", "oi"],
    ["complete", "-m", REVIEWER, "-t", "0.5", "oi"],
    ["complete", "--timeout", "0", "oi"],
    ["complete", "--deadline", "5m", "oi"],
    ["complete", "--retries", "-1", "oi"],
    ["complete", "-c", "oi"],
    ["complete", "-c", "--conversation", "01K4", "oi"],
    ["complete", "--conversation", "01K4", "oi"],
    ["complete", "-x", "oi"],
    ["complete", "-x", "--extract-last", "oi"],
    ["complete", "-x", "--format", "json", "oi"],
    ["complete", "-f", "nope.txt", "oi"],
    ["complete", "-f", ".", "oi"],
    ["complete", "-f", "latin1.txt", "oi"],
    ["complete", "-f", "utf16.txt", "oi"],
    ["complete", "-f", "nul.txt", "oi"],
    ["complete", "-f", "/dev/null", "oi"],
    ["complete", "-f", "-", "-", "oi"],
    ["complete", "--upload", "nope.pdf", "-m", REVIEWER, "oi"],
    ["complete", "--upload", ".", "-m", REVIEWER, "oi"],
    ["complete", "--upload", "nul.txt", "oi"],
    ["complete", "--require-sources", "-m", REVIEWER, "oi"],
    ["complete", "--deep-search", "oi"],
    ["complete", "-o", "no/folder/x.txt", "oi"],
    ["complete", "-o", ".", "oi"],
    ["complete", "--usage", "oi"],
    ["complete", "nul.txt"],
    ["complete", "x" * 90_000],
    ["complete", "--schema", "{", "oi"],
    ["complete", "--schema", '{"type": 3}', "oi"],
    ["complete", "--schema", "nome", "oi"],
    ["complete", "--schema", "nope.json", "oi"],
    ["complete", "--schema", "a int", "-x", "oi"],
    ["complete", "--fail-if", "(", "oi"],
    ["complete", "--fail-if", "sandbox", "oi"],
    ["complete", "--fail-unless", "nunca", "oi"],
    ["complete", "-T", "nope", "oi"],
    ["complete", "-p", "a=b", "oi"],
    ["--profile", "nope", "complete", "oi"],
    ["--config", "nope.yaml", "complete", "oi"],
    ["run"],
    ["run", "fails", "oi", "--poll", "0.01"],
    ["run", "never-ends", "oi", "--poll", "0.01", "--wait", "0.1"],
    ["run", "never-starts", "oi", "--poll", "0.01", "--wait", "0.1"],
    ["run", "--execution", "01K45T82PF8QC64C9DNHGQWHY2", "--poll", "0.01"],
    ["run", "x", "--json-input", "{"],
    ["run", "x", "--json-input", "NaN"],
    ["run", "x", "--json-input", "@nope.json"],
    ["run", "x", "y", "--json-input", "1"],
    ["run", "x", "--execution", "y"],
    ["run", "x", "--wait", "-1"],
    ["run", "x", "--poll", "0"],
    ["run", "x", "--no-wait", "--wait", "3"],
    ["models", "nope"],
    ["agents", "--visibility", "nope"],
    ["knowledge", "show", "nope"],
    ["knowledge", "create", "Nome errado"],
    ["knowledge", "create", "house-rules"],
    ["knowledge", "add", "house-rules"],
    ["knowledge", "add", "house-rules", "nope.md"],
    ["knowledge", "clear", "house-rules"],
    ["history", "list"],
    ["history", "show", "01K4"],
    ["history", "search", "nada"],
    ["history", "export", "01K4"],
    ["history", "delete", "01K4"],
    ["history", "delete"],
    ["history", "delete", "--all"],
    ["config", "get", "nope"],
    ["config", "get", "timeout"],
    ["config", "set", "nope", "1"],
    ["config", "set", "timeout", "soon"],
    ["config", "set", "retries", "many"],
    ["config", "set", "history", "perhaps"],
    ["config", "unset", "nope"],
    ["config", "set", "providers.stackspot.api_key", "a-secret-of-mine"],
    ["config", "set", "providers.stackspot.api_base", "ftp://x"],
    ["config", "edit"],
    ["config", "import", "nope.yml"],
    ["login"],
    ["login", "--client-id", "x", "--realm", "y"],
    ["login", "--client-id", "x", "--realm", "BAD realm", "--key-stdin"],
    ["logout"],
    ["logout", "--all"],
    ["status"],
    ["status", "--offline"],
    ["config", "show"],
    ["config", "path"],
    ["chat", "--conversation", "01K4"],
    ["chat", "-m", "nope"],
    ["prompts", "show", "nope"],
    ["prompts", "list"],
    ["sandbox", "--fault", "nope"],
    ["sandbox", "--times", "2"],
    ["sandbox", "--answers", "nope.yaml"],
    ["sandbox", "--answers", "latin1.txt"],
    ["sandbox", "--host", "192.0.2.1"],
    ["sandbox", "--", "no-such-command"],
    ["serve", "--host", "0.0.0.0"],
]
CHAT = [
    "/nope", "/clear", "/model nope", "/temperature quente", "/temperature 9", "/temperature", "/file nope.txt",
    "/file", "/file nul.txt", "/upload nope", "/retry", "/undo", "/open", "/open 01K4", "/save", "/save a b",
    "/save latin1.txt", "/copy", "/copy all", "/tokens", "/history", "/help", "/help nope", "/help model", "/new now",
    "/system",
]  # fmt: skip
ENVIRONMENT = [
    {"STACKSPOTAI_TIMEOUT": "soon"},
    {"STACKSPOTAI_RETRIES": "-1"},
    {"STACKSPOTAI_HISTORY": "perhaps"},
    {"STACKSPOTAI_MODEL": "stackspot-ai-cod"},
    {"STACKSPOTAI_CLIENT_KEY": "wrong"},
    {"STACKSPOTAI_CLIENT_KEY": ""},
    {"STACKSPOTAI_CLIENT_ID": "", "STACKSPOTAI_CLIENT_KEY": ""},
    {"STACKSPOTAI_REALM": "nobody"},
    {"STACKSPOTAI_REALM": "NO realm"},
    {"STACKSPOTAI_ENDPOINT_URL": "ftp://x"},
    {"STACKSPOTAI_ENDPOINT_URL": "http://example.com"},
    {"STACKSPOTAI_ENDPOINT_URL": "http://127.0.0.1:1"},
    {"STACKSPOTAI_ENDPOINT_URL": "https://nobody.test"},
    {"STACKSPOTAI_CONFIG": "nope.yaml"},
    {"HTTPS_PROXY": "socks5://127.0.0.1:1", "STACKSPOTAI_ENDPOINT_URL": "https://127.0.0.2:1"},
    {"HTTPS_PROXY": "http://127.0.0.1:1", "STACKSPOTAI_ENDPOINT_URL": "https://nobody.test"},
    {"HTTPS_PROXY": "://", "STACKSPOTAI_ENDPOINT_URL": "https://nobody.test"},
    {"SSL_CERT_FILE": "/nope.pem", "STACKSPOTAI_ENDPOINT_URL": "https://127.0.0.1:1"},
]


def wrong_calls(command: Any, path: list[str]) -> Iterator[list[str]]:
    """What Typer refuses of one command, and its help."""
    if hasattr(command, "table"):
        yield [*path, "--help"]
        yield [*path, "nope"]
        yield [*path, "--nope"]
        for name in command.table:
            yield from wrong_calls(command.load(name), [*path, name])
        return
    yield [*path, "--help"]
    yield [*path, "--nope"]
    yield [*path, "- um prompt com traço"]
    if path[0] not in SERVING:
        yield path
        yield [*path, "a", "b", "c", "d"]
    for one in command.params:
        if one.param_type_name != "option" or one.hidden or "--help" in one.opts:
            continue
        name = one.opts[-1]
        yield [*path, f"{name}=nope" if one.is_flag else name]
        if not one.is_flag and path[0] not in SERVING:
            yield [*path, name, "nope"]


def call(argv: list[str], environ: Mapping[str, str], stdin: bytes = b"") -> None:
    terminal = Terminal.fake(stdin, environ)
    code = run(argv, environ, terminal, sleep=lambda _seconds: None)
    sys.stdout.write(json.dumps([" ".join(argv)[:200], code, terminal.out, terminal.err]) + "\n")


def main(folder: str) -> None:
    os.chdir(folder)
    Path("latin1.txt").write_bytes("olá".encode("latin-1"))
    Path("utf16.txt").write_text("olá", encoding="utf-16")
    Path("nul.txt").write_bytes(b"a\0b")
    with Sandbox(strict=True) as server, contextlib.redirect_stdout(sys.stderr):
        sys.stdout = sys.__stdout__
        world = {**server.environment, "STACKSPOTAI_RETRY_WAIT": "0.001", "PATH": os.environ["PATH"]}
        world |= {
            "EDITOR": "false",
            "LC_ALL": os.environ["LC_ALL"],
            "STACKSPOTAI_HOME": os.path.abspath("home"),
        }
        for argv in wrong_calls(build(), []):
            if argv:
                call(argv, world)
        for argv in ASKING:
            call(argv, world)
        for line in CHAT:
            call(["chat", "--commands"], world, f"{line}\n".encode())
        for changes in ENVIRONMENT:
            call(["complete", "oi"], world | changes)
        call(["status"], world | {"STACKSPOTAI_CLIENT_ID": "", "STACKSPOTAI_CLIENT_KEY": ""})
        for text in CONFIGS.values():
            Path("config.yaml").write_text(text)
            call(["--config", "config.yaml", "complete", "oi"], world)
            call(["--config", "config.yaml", "config", "set", "timeout", "5"], world)
    for fault in FAULTS:
        with Sandbox(faults=[fault]) as server:
            for argv in (
                ["complete", "oi", "--timeout", "0.3"],
                ["run", "x", "oi", "--timeout", "0.3"],
                ["agents"],
            ):
                call(argv, {**world, **server.environment, "STACKSPOTAI_TIMEOUT": "0.3"})
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        call(["complete", "oi", "--timeout", "0.2"], {**world, "STACKSPOTAI_ENDPOINT_URL": url})
        call(["complete", "oi", "--deadline", "0.2"], {**world, "STACKSPOTAI_ENDPOINT_URL": url})


if __name__ == "__main__":
    main(sys.argv[1])
