"""A typed answer in the modes that instructor has for OpenAI's API: by a tool, by a schema, by JSON mode."""

import sys

import instructor
from openai import OpenAI
from pydantic import BaseModel


class Person(BaseModel):
    name: str
    age: int


for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA, instructor.Mode.JSON):
    client = instructor.from_openai(OpenAI(base_url=f"{sys.argv[1]}/v1", api_key="any"), mode=mode)
    said = [{"role": "user", "content": "Who is Ana?"}]
    print(client.chat.completions.create(model="stackspot-ai-code", messages=said, response_model=Person))
