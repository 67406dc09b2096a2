"""What each client sends, read: small requests of the shapes that were seen on the wire."""

import json
from pathlib import Path
from typing import Any

from stackspot_cli.dialects import chat_completions, messages, responses
from stackspot_cli.tools.inquiry import Call, Result, Said, Tool, ToolName
from stackspot_cli.tools.prompt_text import compose

REQUESTS = Path(__file__).parent / "requests"


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REQUESTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_codex() -> None:
    body = recorded("codex")
    asked = responses.read(body)
    assert asked.inquiry.items == (
        Said("system", "You code."),
        Said("user", "<environment_context>here</environment_context>"),
        Said("user", "Look at it"),
        Said("assistant", "I look."),
        Call("call_1", ToolName("exec_command"), '{"cmd": "cat a.py"}'),
        Result("call_1", "x = 1\n"),
        Call("call_2", ToolName("spawn", "agents"), "{}"),
        Result("call_2", "a picture:\n[an image was here: only text can be read]"),
        Call("call_3", ToolName("apply_patch", kind="custom"), "*** Begin Patch"),
        Result("call_3", ""),
    )
    assert asked.inquiry.tools == (
        Tool(ToolName("exec_command"), "Runs it.", body["tools"][0]["parameters"]),
        Tool(ToolName("spawn", "agents"), "Begins one.", {"type": "object", "properties": {}}),
        Tool(
            ToolName("apply_patch", kind="custom"),
            "Patches.\nIts grammar (lark):\nstart: begin",
            {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]},
        ),
    )
    assert asked.left_out == ("web_search", "tool_search")
    assert (asked.model, asked.stream, asked.keep, asked.previous) == ("stackspot-ai-code", True, False, None)
    assert (asked.inquiry.choice, asked.inquiry.parallel, asked.inquiry.form) == ("auto", True, None)


def test_claude_code() -> None:
    body = recorded("claude-code")
    asked = messages.read(body)
    assert asked.inquiry.items == (
        Said("system", "You help."),
        Said("user", "<system-reminder>Note</system-reminder>\nLook at it"),
        Said("assistant", "I look."),
        Call("toolu_1", ToolName("Read"), '{"file_path": "a.py"}'),
        Call("toolu_2", ToolName("Bash"), '{"command": "ls"}'),
        Result("toolu_1", "x = 1\n[an image was here: only text can be read]"),
        Result("toolu_2", "", is_error=True),
        Said("user", "Go on"),
        Said("system", "The mode changed."),
    )
    assert [tool.name.shown for tool in asked.inquiry.tools] == ["Read", "Bash"]
    assert (asked.max_tokens, asked.stream, asked.temperature) == (32_000, True, None)


def test_claude_code_asks_for_a_title_in_json() -> None:
    asked = messages.read(recorded("claude-code-title"))
    assert asked.inquiry.form is not None
    assert asked.inquiry.form.complaints({"title": "It"}) == ()
    assert (asked.model, asked.inquiry.tools) == ("claude-haiku-4-5-20251001", ())


def test_opencode() -> None:
    asked = chat_completions.read(recorded("opencode"))
    assert asked.inquiry.items == (
        Said("system", "You code."),
        Said("user", "Look at it"),
        Call("call_1", ToolName("read"), '{"filePath":"a.py"}'),
        Result("call_1", "x = 1"),
    )
    assert (asked.include_usage, asked.stream, asked.max_tokens) == (True, True, 8_192)


def test_opencode_compacts_without_tools() -> None:
    asked = chat_completions.read(recorded("opencode-compaction"))
    assert compose(asked.inquiry).text == (
        "Sum up.\n\nThis is our conversation so far, under headings. Go on from its end.\n\n"
        "=== user ===\nLook at it\n\n=== assistant ===\nI look.\n(called read: {})\n\n"
        "=== result of read, call_1 ===\n(no output)\n\n"
        "=== user ===\nFirst half\n\n=== user ===\nSecond half"
    )


def test_copilot() -> None:
    asked = chat_completions.read(recorded("copilot"))
    assert asked.inquiry.items[2:] == (
        Call("call_1", ToolName("view"), '{"path": "a.py"}'),
        Result("call_1", "x = 1\n"),
    )
    assert (asked.temperature, asked.include_usage) == (0.0, True)


def test_aider() -> None:
    asked = chat_completions.read(recorded("aider"))
    assert (len(asked.inquiry.items), asked.inquiry.tools, asked.stream) == (4, (), True)
