"""OpenAI's Responses, written: the object, and the whole sequence of its events.

Pure. Each client reads another part of that sequence, so all of it is sent. Refuses to know what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring_ascii
from typing import Any

from stackspot_cli.dialects import chat_completions
from stackspot_cli.dialects.problems import CONTEXT_TOO_LONG, Problem
from stackspot_cli.dialects.writing import After, Before, around, dumps
from stackspot_cli.tools.inquiry import Call

# What of the request is repeated in the answer, and what stands there if it said nothing.
_REPEATED: Mapping[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "reasoning": {"effort": None, "summary": None},
    "store": True,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
# By status, in the words that Codex knows: which end its turn, and which are worth another try.
_CODES = {402: "insufficient_quota", 429: "rate_limit_exceeded"}
_NO_TEXT: Mapping[str, Any] = {"type": "output_text", "annotations": [], "logprobs": [], "text": ""}

error = chat_completions.error


class Writer:
    """One answer as a `response`, or as its events."""

    def __init__(self, before: Before) -> None:
        self._before = before
        self._number = 0  # of the next event
        self._items: list[dict[str, Any]] = []  # that are finished
        self._text: list[str] | None = None  # of the message that is being written
        self._around_text: tuple[bytes, bytes] = b"", b""

    def begin(self) -> bytes:
        response = self._response("in_progress")
        return self._event("response.created", response=response) + self._event(
            "response.in_progress", response=response
        )

    def text(self, text: str) -> bytes:
        opening = b"" if self._text is not None else self._open_message()
        assert self._text is not None, "a message is open"
        self._text.append(text)
        before, after = self._around_text
        number = self._number
        self._number = number + 1
        written = encode_basestring_ascii(text).encode("ascii")
        return b"%s%s%s%s%d}\n\n" % (opening, before, written, after, number)

    def call(self, call: Call) -> bytes:
        custom = call.tool.kind == "custom"
        key = "input" if custom else "arguments"
        begin = "response.custom_tool_call_input" if custom else "response.function_call_arguments"
        parts = [self._close_message()]
        index = len(self._items)
        item = _call(call)
        at = {"item_id": item["id"], "output_index": index}
        opened = {**item, key: "", "status": "in_progress"}
        parts += [
            self._event("response.output_item.added", output_index=index, item=opened),
            self._event(f"{begin}.delta", **at, delta=call.arguments),
            self._event(f"{begin}.done", **at, **{key: call.arguments}),
            self._event("response.output_item.done", output_index=index, item=item),
        ]
        self._items.append(item)
        return b"".join(parts)

    def end(self, after: After) -> bytes:
        parts = [self._close_message()]
        if not self._items:  # an answer of no words is a message all the same
            parts += [self._open_message(), self._close_message()]
        response = self._response(_status(after), after)
        return b"".join((*parts, self._event(f"response.{response['status']}", response=response)))

    def keep_alive(self) -> bytes:
        """An event: comments do not count for Codex."""
        return self._event("keepalive")

    def failure(self, problem: Problem) -> bytes:
        response = self._response("failed")
        response["error"] = {"code": _code(problem), "message": error(problem)["error"]["message"]}
        return self._event("response.failed", response=response)

    def whole(self, text: str, calls: Sequence[Call], after: After) -> dict[str, Any]:
        if text or not calls:
            self._items.append(_message(self._item_id("msg"), text))
        self._items += map(_call, calls)
        return self._response(_status(after), after)

    # --- parts -------------------------------------------------------------------------------------

    def _open_message(self) -> bytes:
        index, id_ = len(self._items), self._item_id("msg")
        self._text = []
        opened = {**_message(id_, ""), "content": [], "status": "in_progress"}
        at = {"item_id": id_, "output_index": index, "content_index": 0}
        mark = "\0text\0"
        delta = {
            "type": "response.output_text.delta",
            **at,
            "delta": mark,
            "logprobs": [],
            "sequence_number": 0,
        }
        before, after = around(_sse(delta), mark)
        self._around_text = before, after[: after.rindex(b"0}")]
        return self._event("response.output_item.added", output_index=index, item=opened) + self._event(
            "response.content_part.added", **at, part=_NO_TEXT
        )

    def _close_message(self) -> bytes:
        if self._text is None:
            return b""
        text = "".join(self._text)
        self._text = None
        index, item = len(self._items), _message(self._item_id("msg"), text)
        self._items.append(item)
        at = {"item_id": item["id"], "output_index": index, "content_index": 0}
        return b"".join(
            (
                self._event("response.output_text.done", **at, text=text, logprobs=[]),
                self._event("response.content_part.done", **at, part=item["content"][0]),
                self._event("response.output_item.done", output_index=index, item=item),
            )
        )

    def _item_id(self, kind: str) -> str:
        return f"{kind}_{self._before.answer_id}{len(self._items)}"

    def _response(self, status: str, after: After | None = None) -> dict[str, Any]:
        before = self._before
        response: dict[str, Any] = {
            "id": f"resp_{before.answer_id}",
            "object": "response",
            "created_at": before.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if status == "incomplete" else None,
            "model": before.model,
            "output": list(self._items),
            "service_tier": "default",
            "usage": _usage(after) if after else None,
        }
        for name, usual in _REPEATED.items():
            given = before.body.get(name)
            response[name] = usual if given is None else given
        if after:
            response["stackspot"] = after.extras(before)
        return response

    def _event(self, kind: str, **fields: Any) -> bytes:
        number = self._number
        self._number += 1
        return _sse({"type": kind, "sequence_number": number, **fields})


def _sse(event: Mapping[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (str(event["type"]).encode("ascii"), dumps(event))


def _message(id_: str, text: str) -> dict[str, Any]:
    return {
        "id": id_,
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [{**_NO_TEXT, "text": text}],
    }


def _call(call: Call) -> dict[str, Any]:
    """As the caller's tool is called there: with its namespace, or a custom tool's text as it is."""
    custom = call.tool.kind == "custom"
    item = {
        "id": f"{'ctc' if custom else 'fc'}_{call.id.removeprefix('call_')}",
        "type": "custom_tool_call" if custom else "function_call",
        "status": "completed",
        "call_id": call.id,
        "name": call.tool.own,
        "input" if custom else "arguments": call.arguments,
    }
    return item if call.tool.namespace is None else {**item, "namespace": call.tool.namespace}


def _status(after: After) -> str:
    return "incomplete" if after.finished.reason == "length" else "completed"


def _usage(after: After) -> dict[str, Any]:
    return {
        "input_tokens": after.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": after.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": after.total_tokens,
    }


def _code(problem: Problem) -> str:
    if problem.code == CONTEXT_TOO_LONG:
        return CONTEXT_TOO_LONG
    if problem.status < 500 and problem.status not in _CODES:
        return "invalid_prompt"
    return _CODES.get(problem.status, "server_error")
