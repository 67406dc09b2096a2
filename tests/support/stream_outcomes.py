"""Streams as the tests of streams send them, and how a call ends that gets one."""

from fault_server import (
    END,
    delta,
)
from program import Program

AGENT = ("-m", "agent:01K45T82PF8QC64C9DNHGQWHY2")


TEXT = "Olá, mundo! 👋🏽 \u4f60\u597d\nline two\n"


BODY = delta("Olá, ") + b": keep-alive\n\n" + delta("mundo! 👋🏽 ") + delta("\u4f60\u597d\nline two\n") + END


def whole(text: str) -> tuple[int, str, str]:
    return 0, text if text.endswith("\n") else text + "\n", ""


def cut(program: Program, part: str, *options: str) -> str:
    """Asserts that the part came, with exit 7 and two lines on stderr; nothing was sent again. The error."""
    outcome = program.ask(*options)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (7, part)
    assert error.startswith("error: the answer broke off: ") and hint.startswith("hint: ")
    assert len(program.server.api_requests) == 1
    return error


def nothing(program: Program, code: int = 6, *options: str) -> str:
    """Asserts that nothing came, with this exit code; nothing was sent again. The error."""
    outcome = program.ask(*options)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (code, "")
    assert error.startswith("error: ") and hint.startswith("hint: ")
    assert len(program.server.api_requests) == 1
    return error


ERROR_FRAMES = [
    (b'event: error\ndata: {"message": "Boom"}\n\n', "Boom"),
    (b"event: error\ndata: Boom\n\n", "Boom"),
    (b'data: {"type": "error", "message": "Boom"}\n\n', "Boom"),
    (b'data: {"type": "error", "error": {"message": "Boom"}}\n\n', "Boom"),
    (b'data: {"error": "Boom"}\n\n', "Boom"),
    (b'data: {"error": {"code": 7, "message": "Boom"}}\n\n', "Boom"),
    (b'data: {"type": "TooManyRequests", "code": "INFERENCE_3008", "details": "Boom"}\n\n', "Boom"),
]


# The program, telling at its end how much memory it had at most (Linux: `ru_maxrss` would count our own).
PEAK = """
import os, runpy, sys

def tell_and_leave(code, leave=os._exit):
    with open("/proc/self/status") as status:
        sys.stderr.write(next(line.split()[1] for line in status if line.startswith("VmHWM")))
    sys.stderr.flush()
    leave(code)

os._exit = tell_and_leave
sys.argv = ["stackspot", *sys.argv[1:]]
runpy.run_module("stackspot_cli", run_name="__main__")
"""
