"""An agent that reads by a tool and answers with a type, by both of OpenAI's APIs and by Anthropic's."""

import sys

from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models import Model
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider


class Person(BaseModel):
    name: str
    age: int


openai = OpenAIProvider(base_url=f"{sys.argv[1]}/v1", api_key="any")
models = (
    OpenAIChatModel("stackspot-ai-code", provider=openai),
    OpenAIResponsesModel("stackspot-ai-code", provider=openai),
    AnthropicModel("stackspot-ai-code", provider=AnthropicProvider(base_url=sys.argv[1], api_key="any")),
)


def ask(model: Model) -> None:
    agent = Agent(model, output_type=Person)
    read: list[str] = []

    @agent.tool_plain(name="read")
    def read_file(path: str) -> str:
        """Gives the text of a file."""
        read.append(path)
        return "name: Ana, age: 7"

    print(agent.run_sync("Who is in a.py?").output, read)


for model in models:
    ask(model)
