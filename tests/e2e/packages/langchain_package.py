"""A loop of calls and results, streamed at its end, and a typed answer, by LangChain's OpenAI and Anthropic models."""

import sys

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Person(BaseModel):
    """Who it is."""

    name: str
    age: int


@tool
def read(path: str) -> str:
    """Gives the text of a file."""
    return "x = 1"


models = (
    ChatOpenAI(base_url=f"{sys.argv[1]}/v1", api_key="any", model="stackspot-ai-code"),
    ChatAnthropic(base_url=sys.argv[1], api_key="any", model="stackspot-ai-code", max_tokens=1_000),
)
for model in models:
    able = model.bind_tools([read])
    said = [HumanMessage("What does a.py say?")]
    asked = able.invoke(said)
    call = asked.tool_calls[0]
    print(call["name"], call["args"])
    said += [asked, ToolMessage(read.invoke(call["args"]), tool_call_id=call["id"])]
    print("".join(chunk.text for chunk in able.stream(said)))
    print(model.with_structured_output(Person).invoke("Who is Ana?"))
