"""`/v1/agent/{id}/chat`: one's own agents (protocol page, "Agents").

An agent's temperature, length and instructions belong to its own set-up: no field for them exists.
"""

from __future__ import annotations

from stackspot_cli.domain import Prompt
from stackspot_cli.model import Model
from stackspot_cli.routes.call import EVENT_STREAM, Call
from stackspot_cli.routes.frames import FrameReader
from stackspot_cli.translation import _


def request(model: Model, prompt: Prompt, _version: str) -> Call:
    """Always streaming: the gateway closes other calls at about 120 s (protocol page)."""
    options = prompt.agent
    body: dict[str, object] = {
        "user_prompt": prompt.text,
        "streaming": True,
        "stackspot_knowledge": options.stackspot_knowledge,
        "return_ks_in_response": True,
        "use_conversation": True,
        "conversation_id": prompt.conversation_id,
        "upload_ids": list(prompt.upload_ids),
    }
    if options.deep_search:
        body["deep_search_ks"] = True
    if options.agent_version is not None:
        body["agent_version_number"] = options.agent_version
    if options.knowledge_source_ids:
        body["knowledge_source_ids"] = list(options.knowledge_source_ids)
    if options.selected_model is not None:
        body["selected_model"] = options.selected_model
    return Call(
        "POST",
        "inference",
        f"/v1/agent/{model.target}/chat",
        body,
        headers=EVENT_STREAM,
        absent=(
            _("there is no agent {id} (404)").format(id=model.target),
            _("`stackspot agents` lists those that this credential may see"),
        ),
    )


def reader() -> FrameReader:
    return FrameReader("message")
