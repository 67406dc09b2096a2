"""A loop of calls and results, and a form, by both of OpenAI's APIs, streamed and not."""

import json
import sys

from openai import OpenAI
from pydantic import BaseModel

PARAMETERS = {
    "type": "object",
    "properties": {"path": {"type": "string"}},
    "required": ["path"],
    "additionalProperties": False,
}


class Person(BaseModel):
    name: str
    age: int


client = OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="any", max_retries=0)
ask = {"model": "stackspot-ai-code"}

# Chat completions.
tools = [{"type": "function", "function": {"name": "read", "parameters": PARAMETERS, "strict": True}}]
said = [{"role": "user", "content": "What does a.py say?"}]
message = client.chat.completions.create(**ask, messages=said, tools=tools).choices[0].message
said += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "x = 1"}]
print(message.tool_calls[0].function.arguments)
with client.chat.completions.stream(**ask, messages=said, tools=tools) as stream:
    kinds = {event.type for event in stream}
    print(stream.get_final_completion().choices[0].message.content, "content.delta" in kinds)
parsed = client.chat.completions.parse(**ask, messages=said[:1], response_format=Person)
print(parsed.choices[0].message.parsed)

# Responses.
tools = [{"type": "function", "name": "read", "parameters": PARAMETERS, "strict": True}]
first = client.responses.create(**ask, input="What does a.py say?", tools=tools)
call = next(item for item in first.output if item.type == "function_call")
print(json.loads(call.arguments))
output = {"type": "function_call_output", "call_id": call.call_id, "output": "x = 1"}
with client.responses.stream(**ask, input=[output], previous_response_id=first.id, tools=tools) as stream:
    kinds = {event.type for event in stream}
    print(stream.get_final_response().output_text, sorted(kinds)[:3])
print(client.responses.parse(**ask, input="Who?", text_format=Person).output_parsed)
print(client.responses.retrieve(first.id).id == first.id)
