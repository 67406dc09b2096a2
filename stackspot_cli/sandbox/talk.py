"""Prompts and answers: `/v3/chat` and `/v1/agent/{id}/chat`.

Knows the request fields, the frames and the conversations; refuses to know sockets and what an answer says.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from stackspot_cli.sandbox.answers import Received, answer, deltas, estimate_tokens
from stackspot_cli.sandbox.replies import (
    Stream,
    bad_request,
    dumps,
    forbidden,
    invalid,
    json_reply,
    new_ulid,
    object_in,
    problem,
    strings,
)
from stackspot_cli.sandbox.script import Script, Told
from stackspot_cli.sandbox.wire import Reply, Request

if TYPE_CHECKING:
    from stackspot_cli.sandbox.catalogue import Agent

INPUT_LIMIT_TOKENS = 16_384
AGENT_INPUT_LIMIT_TOKENS = 272_000  # the largest that a refusal was seen to name
OUTPUT_LIMIT_TOKENS = 8_192
_KEPT_CONVERSATIONS = 1_000


class Conversations:
    """Which user messages each conversation has seen; the oldest conversations fall out."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, str]] = {}
        self._lock = Lock()

    def turn(self, conversation_id: str, prompt: str) -> tuple[int, str | None]:
        """Notes the prompt; gives the number of its turn and the user's message before it."""
        with self._lock:
            turns, earlier = self._last.pop(conversation_id, (0, None))
            self._last[conversation_id] = (turns + 1, prompt)
            if len(self._last) > _KEPT_CONVERSATIONS:
                del self._last[next(iter(self._last))]
            return turns + 1, earlier


class Talk:
    """Answers prompts.

    uploads: the name of an uploaded file by its id. script: answers as told, the usual ones else.
    strict: an agent that the account lacks is refused, rather than played.
    """

    def __init__(self, uploads: dict[str, str], script: Script, *, strict: bool) -> None:
        self._uploads = uploads
        self._script = script
        self._strict = strict
        self._conversations = Conversations()

    def chat(self, request: Request) -> Reply | Stream:
        """POST /v3/chat: always an event stream."""
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        context = body.get("context") if body.get("context") is not None else {}
        if not isinstance(context, dict):
            return bad_request("context: must be an object")
        trouble = _bad_prompt(body, INPUT_LIMIT_TOKENS) or _bad_settings(body)
        if trouble:
            return trouble
        served_by = ("model", body.get("model") or "stackspot-ai")
        if context.get("agent_built_in") is False or context.get("agent_id"):
            agent = self._agent(str(context.get("agent_id")))
            if agent is None:
                return forbidden()
            served_by = ("agent", agent.name)
        conversation_id = context.get("conversation_id") or new_ulid()
        attachments = self._attachments(context.get("upload_ids"))
        sources = strings(context.get("knowledge_sources"))
        if not isinstance(conversation_id, str) or attachments is None or sources is None:
            return bad_request("context: conversation_id, upload_ids or knowledge_sources is malformed")
        told = self._script.tell(body["user_prompt"])
        if told.refusal:
            return told.refusal
        turn, earlier = self._conversations.turn(conversation_id, body["user_prompt"])
        settings = body.get("temperature"), body.get("max_tokens")
        received = Received(body["user_prompt"], served_by, turn, earlier, *settings, attachments, sources)
        pieces = _pieces(told, received)
        closing = (b"event: end_event\ndata: {}\n\n",)
        return Stream(pieces, _chat_frame, closing, b"retry: 3000\n\n", told.fault)

    def agent(self, agent_id: str, request: Request) -> Reply | Stream:
        """POST /v1/agent/{agent_id}/chat: streaming when asked, else whole."""
        agent = self._agent(agent_id)
        if agent is None:
            return forbidden()
        body = object_in(request)
        if isinstance(body, Reply):
            return body
        trouble = _bad_prompt(body, AGENT_INPUT_LIMIT_TOKENS) or _bad_agent_fields(body)
        if trouble:
            return trouble
        attachments = self._attachments(body.get("upload_ids"))
        if attachments is None:
            return bad_request("upload_ids: an upload that is not known")
        told = self._script.tell(body["user_prompt"])
        if told.refusal:
            return told.refusal
        conversation_id = body.get("conversation_id") or new_ulid()
        turn, earlier = 1, None
        if _is_on(body, "use_conversation", True):
            turn, earlier = self._conversations.turn(conversation_id, body["user_prompt"])
        sources = _sources(body)
        names = tuple(source["name"] for source in sources)
        served_by = ("agent", _agent_label(agent, body))
        received = Received(body["user_prompt"], served_by, turn, earlier, None, None, attachments, names)
        pieces = _pieces(told, received)
        last = {
            "stop_reason": "stop",
            "tokens": _tokens(body["user_prompt"], "".join(pieces)),
            "message_id": new_ulid(),
            "conversation_id": conversation_id,
        }
        shown = sources if _is_on(body, "return_ks_in_response") else []
        if not _is_on(body, "streaming"):
            whole = json_reply(200, _agent_object("".join(pieces), shown) | last)
            return replace(whole, fault=told.fault)
        closing = [_data({"message": "", **last})]
        if shown:
            closing.insert(0, _data(_agent_object("", shown)))
        return Stream(pieces, _agent_frame, tuple(closing), fault=told.fault)

    def _agent(self, agent_id: str) -> Agent | None:
        from stackspot_cli.sandbox.catalogue import agent_by_id  # deferred: most prompts go to a model

        return agent_by_id(agent_id, strict=self._strict)

    def _attachments(self, upload_ids: object) -> tuple[str, ...] | None:
        """The names of the uploads, or None when one is not known."""
        ids = strings(upload_ids)
        if ids is None or not all(upload_id in self._uploads for upload_id in ids):
            return None
        return tuple(self._uploads[upload_id] for upload_id in ids)


# --- what is refused -------------------------------------------------------------------------------


def _bad_prompt(body: dict[str, Any], limit: int) -> Reply | None:
    prompt = body.get("user_prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        return bad_request("user_prompt: a text is required")
    tokens = estimate_tokens(prompt)
    if tokens <= limit:
        return None
    return problem(
        400,
        "BadRequestError",
        "INFERENCE_6001_LLM_MODEL_BAD_REQUEST",
        f"Input tokens exceed the configured limit of {limit} tokens. "
        f"Your messages resulted in {tokens} tokens. Please reduce the length of the messages.",
    )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _bad_settings(body: dict[str, Any]) -> Reply | None:
    model, temperature, length = (body.get(name) for name in ("model", "temperature", "max_tokens"))
    if model is not None and not isinstance(model, str):
        return invalid("model: must be a text")
    if temperature is not None and not (_is_number(temperature) and 0 <= temperature <= 1):
        return invalid("temperature: must be between 0.0 and 1.0")
    if length is not None and not (type(length) is int and 1 <= length <= OUTPUT_LIMIT_TOKENS):
        return invalid(f"max_tokens: must be a whole number from 1 to {OUTPUT_LIMIT_TOKENS}")
    return None


def _is_on(body: dict[str, Any], name: str, usual: bool = False) -> bool:
    """A switch of the body. Public clients write some of them as texts."""
    return body.get(name, usual) in (True, "true")


def _bad_agent_fields(body: dict[str, Any]) -> Reply | None:
    flags = (
        "streaming",
        "stackspot_knowledge",
        "return_ks_in_response",
        "use_conversation",
        "deep_search_ks",
    )
    for name in flags:
        if not isinstance(body.get(name, False), bool) and body[name] not in ("true", "false"):
            return invalid(f"{name}: must be true or false")
    if not isinstance(body.get("conversation_id") or "", str):
        return invalid("conversation_id: must be a text")
    if not isinstance(body.get("selected_model") or "", str):
        return invalid("selected_model: must be a text")
    if type(body.get("agent_version_number") or 0) is not int:
        return invalid("agent_version_number: must be a whole number")
    if any(strings(body.get(name)) is None for name in ("knowledge_source_ids", "knowledge_sources")):
        return invalid("knowledge_source_ids: must be a list of texts")
    return None


# --- what is answered ------------------------------------------------------------------------------


def _pieces(told: Told, received: Received) -> tuple[str, ...]:
    if told.pieces is not None:
        return told.pieces
    return tuple(deltas(answer(received) if told.text is None else told.text))


def _agent_label(agent: Agent, body: dict[str, Any]) -> str:
    version, model = body.get("agent_version_number"), body.get("selected_model")
    return agent.name + (f" v{version}" if version else "") + (f" on {model}" if model else "")


def _sources(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents that an answer leans on: one for each knowledge source that was asked for."""
    slugs = [*(body.get("knowledge_source_ids") or ()), *(body.get("knowledge_sources") or ())]
    if _is_on(body, "stackspot_knowledge") or (_is_on(body, "deep_search_ks") and not slugs):
        slugs.append("stackspot-knowledge")
    return [
        {
            "type": "knowledge_source",
            "name": slug.replace("-", " ").capitalize(),
            "slug": slug,
            "document_type": "CUSTOM",
            "document_score": round(0.95 - 0.05 * place, 2),
            "document_id": f"{slug}-document-{place + 1}",
            "id": f"{slug}-{place + 1}",
        }
        for place, slug in enumerate(dict.fromkeys(slugs))
    ]


def _tokens(prompt: str, text: str) -> dict[str, object]:
    return {
        "user": None,
        "enrichment": None,
        "input": estimate_tokens(prompt),
        "output": estimate_tokens(text),
    }


def _agent_object(message: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "upload_ids": {},
        "knowledge_source_id": [source["slug"] for source in sources],
        "source": sources,
        "cross_account_source": [],
        "tools_id": [],
        "agent_info": [],
        "message": message,
    }


def _data(value: object, event: str = "") -> bytes:
    named = f"event: {event}\n".encode() if event else b""
    return b"%sdata: %s\n\n" % (named, dumps(value))


def _chat_frame(piece: str) -> bytes:
    return _data({"answer": piece}, "new_message")


def _agent_frame(piece: str) -> bytes:
    return _data(_agent_object(piece, []))
