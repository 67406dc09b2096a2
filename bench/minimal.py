"""The floor to compare with: httpx by hand, a token from the environment, each delta written as it comes."""

import json
import os
import sys

import httpx

body = {"context": {"conversation_id": "01M824QDNM6K5J0XC47R792SGE"}, "user_prompt": sys.argv[1]}
with (
    httpx.Client(timeout=180) as client,
    client.stream(
        "POST",
        os.environ["STACKSPOTAI_ENDPOINT_URL"] + "/v3/chat",
        headers={"Authorization": "Bearer bench"},
        json=body,
    ) as response,
):
    for line in response.iter_lines():
        if line.startswith("data:"):
            sys.stdout.write(json.loads(line[5:]).get("answer", ""))
            sys.stdout.flush()
