"""Anthropic's Messages, written: the object, the whole sequence of its events, and errors.

Pure. Refuses to know what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from stackspot_cli.dialects.problems import Problem
from stackspot_cli.dialects.writing import After, Before, around, dumps
from stackspot_cli.tools.inquiry import Call

_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def error(problem: Problem) -> dict[str, Any]:
    """An Anthropic error object, of a whole answer and of a stream."""
    words = problem.words
    if problem.counts:
        words = "prompt is too long: {} tokens > {} maximum".format(
            *problem.counts
        )  # as Claude Code reads it
    kind = _TYPES.get(problem.status, "api_error" if problem.status >= 500 else "invalid_request_error")
    return {"type": "error", "error": {"type": kind, "message": words}}


class Writer:
    """One answer as a `message`, or as its events."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._index = 0  # of the block that is open, or comes next
        self._in_text = False
        self._around_text: tuple[bytes, bytes] = b"", b""

    def begin(self) -> bytes:
        message = {**self._message(), "content": [], "stop_reason": None, "stop_sequence": None}
        message["usage"] = _usage(self._before.prompt_tokens, 1)
        return _event("message_start", message=message)

    def text(self, text: str) -> bytes:
        opening = b"" if self._in_text else self._open_text()
        before, after = self._around_text
        return opening + before + encode_basestring_ascii(text).encode("ascii") + after

    def call(self, call: Call) -> bytes:
        parts = [self._close_text()]
        block = {"type": "tool_use", "id": call.id, "name": call.tool.shown, "input": {}}
        delta = {"type": "input_json_delta", "partial_json": call.arguments}
        index = self._index
        self._index += 1
        parts += [
            _event("content_block_start", index=index, content_block=block),
            _event("content_block_delta", index=index, delta=delta),
            _event("content_block_stop", index=index),
        ]
        return b"".join(parts)

    def end(self, after: After) -> bytes:
        usage = _usage(after.prompt_tokens, after.completion_tokens)
        return b"".join(
            (
                self._close_text(),
                _event("message_delta", delta=_stop(after), usage=usage),
                _event("message_stop"),
            )
        )

    def keep_alive(self) -> bytes:
        return _event("ping")

    def failure(self, problem: Problem) -> bytes:
        return b"event: error\ndata: " + dumps(error(problem)) + b"\n\n"

    def whole(self, text: str, calls: Sequence[Call], after: After) -> dict[str, Any]:
        content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text or not calls else []
        content += [
            {"type": "tool_use", "id": call.id, "name": call.tool.shown, "input": json.loads(call.arguments)}
            for call in calls
        ]
        return {
            **self._message(),
            "content": content,
            **_stop(after),
            "usage": _usage(after.prompt_tokens, after.completion_tokens),
            "stackspot": after.extras(self._before),
        }

    def _message(self) -> dict[str, Any]:
        before = self._before
        return {
            "id": f"msg_{before.answer_id}",
            "type": "message",
            "role": "assistant",
            "model": before.model,
        }

    def _open_text(self) -> bytes:
        self._in_text = True
        mark = "\0text\0"
        delta = _event("content_block_delta", index=self._index, delta={"type": "text_delta", "text": mark})
        self._around_text = around(delta, mark)
        return _event("content_block_start", index=self._index, content_block={"type": "text", "text": ""})

    def _close_text(self) -> bytes:
        if not self._in_text:
            return b""
        self._in_text = False
        index = self._index
        self._index += 1
        return _event("content_block_stop", index=index)


def _event(kind: str, **fields: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode("ascii"), dumps({"type": kind, **fields}))


def _stop(after: After) -> Mapping[str, Any]:
    finished = after.finished
    if finished.stop is not None and finished.reason == "stop":
        return {"stop_reason": "stop_sequence", "stop_sequence": finished.stop}
    reasons = {"stop": "end_turn", "calls": "tool_use", "length": "max_tokens"}
    return {"stop_reason": reasons[finished.reason], "stop_sequence": None}


def _usage(prompt_tokens: int, completion_tokens: int) -> dict[str, int]:
    return {
        "input_tokens": prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "output_tokens": completion_tokens,
    }
