"""A loop of calls and results, whole and streamed, and a form, by LiteLLM's road to OpenAI's API and to Anthropic's."""

import sys

import litellm

litellm.suppress_debug_info = True
schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
tools = [{"type": "function", "function": {"name": "read", "parameters": schema}}]
said = [{"role": "user", "content": "What does a.py say?"}]
for kind, base in (("openai", f"{sys.argv[1]}/v1"), ("anthropic", sys.argv[1])):
    ask = {"model": f"{kind}/stackspot-ai-code", "api_base": base, "api_key": "any", "num_retries": 0}
    message = litellm.completion(**ask, messages=said, tools=tools).choices[0].message
    call = message.tool_calls[0]
    print(call.function.arguments)
    more = [*said, message, {"role": "tool", "tool_call_id": call.id, "content": "x = 1"}]
    chunks = list(litellm.completion(**ask, messages=more, tools=tools, stream=True))
    print("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))
person = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
form = {"type": "json_schema", "json_schema": {"name": "person", "schema": person}}
ask = {"model": "openai/stackspot-ai-code", "api_base": f"{sys.argv[1]}/v1", "api_key": "any"}
print(litellm.completion(**ask, messages=said, response_format=form).choices[0].message.content)
