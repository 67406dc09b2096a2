"""A loop of calls and results, whole and streamed, a form, and tokens counted."""

import sys

from anthropic import Anthropic
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int


client = Anthropic(base_url=sys.argv[1], api_key="any", max_retries=0)
schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
ask = {"model": "stackspot-ai-code", "max_tokens": 1_000, "tools": [{"name": "read", "input_schema": schema}]}
said = [{"role": "user", "content": "What does a.py say?"}]
first = client.messages.create(**ask, messages=said)
call = next(block for block in first.content if block.type == "tool_use")
print(first.stop_reason, call.input)
result = {"type": "tool_result", "tool_use_id": call.id, "content": "x = 1"}
said += [{"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
with client.messages.stream(**ask, messages=said) as stream:
    print("".join(stream.text_stream))
    print(stream.get_final_message().stop_reason)
with client.messages.stream(**ask, messages=said[:1], tool_choice={"type": "tool", "name": "read"}) as stream:
    print(next(block.input for block in stream.get_final_message().content if block.type == "tool_use"))
ask.pop("tools")
print(client.messages.parse(**ask, messages=said[:1], output_format=Person).parsed_output)
print(client.messages.count_tokens(model="stackspot-ai-code", messages=said[:1]).input_tokens)
print(next(model.id for model in client.models.list()))
