"""Calls of `stackspot batch`, and services for them."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from fault_server import END, Pause, Reply, Request, delta, reply, stream
from program import Outcome, Program

SLOW_DOWN = reply(429, {"details": "Maximum number of requests reached."})


def echo(request: Request) -> list[Any]:
    """Each prompt is answered by itself."""
    return stream(delta(f"re: {request.json['user_prompt']}"), END)


def lines(program: Program, *objects: Any, name: str = "in.jsonl") -> str:
    path = program.folder / name
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in objects))
    return str(path)


def many(program: Program, count: int) -> str:
    return lines(program, *({"id": f"p{number}", "prompt": f"say {number}"} for number in range(count)))


def out(program: Program, name: str = "out.jsonl") -> list[Any]:
    text = (program.folder / name).read_text()
    assert text.endswith("\n") or not text
    return [json.loads(line) for line in text.splitlines()]


def batch(program: Program, *argv: str, **more: Any) -> Outcome:
    """In this process."""
    return program.call("batch", *argv, "-o", str(program.folder / "out.jsonl"), **more)


def said(outcome: Outcome) -> str:
    """stderr without the time that it took."""
    return re.sub(r", \d+ s\n", "\n", outcome.err)


def asked(program: Program) -> Counter[str]:
    return Counter(request.json["user_prompt"] for request in program.server.api_requests)


BAD = [
    ("no json", "it is no JSON (column 1)"),
    ('{"id": 1}', "it lacks a `prompt`"),
    ('{"prompt": "  "}', "it lacks a `prompt`"),
    ("[1]", "it is no JSON object"),
    ('{"prompt": "x", "temperature": 2}', "the temperature is a number from 0.0 to 1.0, not 2"),
    ('{"prompt": "x", "model": "gpt-9"}', "there is no model 'gpt-9'"),
    ('{"prompt": "x", "files": ["none.txt"]}', "no file none.txt"),
    ('{"prompt": "x", "id": "a"}', "the id a is that of line 1 already"),
    ('{"prompt": "x", "id": [1]}', "`id` is a text or a number"),
    ('{"prompt": "x", "params": {"a": 1}}', "`params` are for a template: name one with -T"),
    ('{"custom_id": "x", "body": {"messages": []}}', "`messages` is a list of at least one message"),
    (f'{{"prompt": "{"x y " * 20_000}"}}', "the prompt has at least 40000 tokens; stackspot-ai takes 16384"),
]


def slowly(request: Request) -> list[Any]:
    return [Pause(0.05), *echo(request)]


def wait_for(happens: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not happens():
        assert time.monotonic() < ends
        time.sleep(0.01)


def written(program: Program) -> int:
    path = program.folder / "out.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def out_of_whole_lines(program: Program) -> list[Any]:
    text = (program.folder / "out.jsonl").read_text()
    return [json.loads(line) for line in text[: text.rfind("\n")].splitlines()]


def every_third_fails(request: Request) -> Reply:
    number = int(request.json["user_prompt"].split()[-1])
    return reply(400, {"details": "I will not."}) if number % 3 == 0 else echo(request)


PEAK = """
import resource, sys
from stackspot_cli.cli import run_process
code = run_process(sys.argv[1:])
sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
sys.exit(code)
"""
