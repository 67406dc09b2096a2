"""The sandbox's files and knowledge. None of our own code asks."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from sandbox_caller import (
    Caller,
)


def multipart(
    fields: dict[str, str], content: bytes, file_first: bool = False
) -> tuple[bytes, dict[str, str]]:
    parts = [
        f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
        for name, value in fields.items()
    ]
    file = b'Content-Disposition: form-data; name="file"; filename="a.md"\r\n\r\n' + content
    parts.insert(0 if file_first else len(parts), file)
    body = b"".join(b"--XYZ\r\n" + part + b"\r\n" for part in parts) + b"--XYZ--\r\n"
    return body, {"Content-Type": "multipart/form-data; boundary=XYZ"}


def store(
    caller: Caller, form: dict[str, Any], content: bytes, headers: dict[str, str] | None = None, **how: bool
) -> int:
    body, kind = multipart(form["form"], content, **how)
    caller.connection.request("POST", urlsplit(form["url"]).path, body, kind | (headers or {}))
    response = caller.connection.getresponse()
    response.read()
    return response.status


def open_form(caller: Caller, **fields: Any) -> dict[str, Any]:
    body = {"file_name": "a.md", "target_type": "CONTEXT", "expiration": 600} | fields
    status, form = caller.ask("POST", "/v2/file-upload/form", body)
    assert status == 201
    return dict(form)


def test_an_uploaded_file_can_be_named_in_a_prompt(caller: Caller) -> None:
    form = open_form(caller)
    assert form["url"].startswith(caller.server.url)
    assert store(caller, form, b"hello\r\n--XY\r\n") == 204
    assert "| attachments | `a.md` |" in caller.chat("Explain", context={"upload_ids": [form["id"]]})


def test_the_storage_is_particular(caller: Caller) -> None:
    form = open_form(caller)
    assert store(caller, form, b"x", {"Authorization": f"Bearer {caller.token}"}) == 400
    assert store(caller, form, b"x", file_first=True) == 400
    assert store(caller, form, b"x" * (10 * 1024 * 1024 + 1)) == 400
    assert store(caller, form | {"form": form["form"] | {"policy": "another"}}, b"x") == 403
    assert store(caller, form | {"url": "/storage/unknown"}, b"x") == 403
    assert store(caller, form, b"x" * (10 * 1024 * 1024)) == 204


def test_a_file_becomes_knowledge_after_it_is_split_and_indexed(caller: Caller) -> None:
    def status() -> str:
        return str(caller.ask("GET", f"/v1/file-upload/{form['id']}")[1]["status"])

    form = open_form(caller, target_type="KNOWLEDGE_SOURCE", target_id="house-rules")
    split = {"split_strategy": "LINES_QUANTITY", "split_quantity": 500, "split_overlap": 50}
    path = f"/v1/file-upload/{form['id']}/knowledge-objects"
    assert status() == "PENDING"
    assert caller.ask("POST", path, split)[0] == 400
    assert store(caller, form, b"# Rules") == 204
    assert status() == "UPLOADED"
    assert caller.ask("POST", path, split | {"split_strategy": "BY_MAGIC"})[0] == 400
    assert caller.ask("POST", path, split)[0] == 200
    assert [status(), status(), status()] == ["PROCESSING", "INDEXED", "INDEXED"]
    objects = caller.ask("GET", "/v1/knowledge-sources/house-rules/objects")[1]["items"]
    assert objects[-1] == {"id": form["id"], "name": "a.md", "content": "# Rules"}


def test_a_knowledge_source_is_created_once_listed_shown_and_emptied(caller: Caller) -> None:
    new = {"slug": "mine", "name": "Mine", "description": "Notes", "type": "custom"}
    assert [caller.ask("POST", "/v1/knowledge-sources", new)[0] for _ in range(2)] == [201, 422]
    assert caller.ask("GET", "/v1/knowledge-sources/mine")[1]["name"] == "Mine"
    listed = caller.ask("GET", "/v2/knowledge-sources?page=1&size=10&visibility_list=personal")[1]["items"]
    assert [item["slug"] for item in listed] == ["house-rules", "mine"]
    assert caller.ask("DELETE", "/v1/knowledge-sources/house-rules/objects") == (204, b"")
    assert caller.ask("GET", "/v1/knowledge-sources/house-rules/objects") == (200, {"items": []})


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["reviewer", "explainer", "tester"]),
        ("?visibility_list=account", ["architect", "tradutor"]),
        (
            "?visibility_list=personal&visibility_list=account&size=4",
            ["reviewer", "explainer", "tester", "architect"],
        ),
        ("?visibility_list=personal,account&page=2&size=4", ["tradutor"]),
        ("?page=3&size=2", []),
    ],
)
def test_agents_come_in_pages_by_visibility(caller: Caller, query: str, slugs: list[str]) -> None:
    for version in ("v4", "v3"):
        items = caller.ask("GET", f"/{version}/agents{query}")[1]["items"]
        assert [item["slug"] for item in items] == slugs


def test_the_oldest_list_of_agents_is_a_bare_array(caller: Caller) -> None:
    items = caller.ask("GET", "/v1/agents?visibility=account")[1]
    assert [item["name"] for item in items] == ["Architect", "Tradutor técnico"]
    assert caller.ask("GET", "/v1/agents?page=zero")[0] == 422


def test_the_llms_are_a_list(caller: Caller) -> None:
    status, models = caller.ask("GET", "/v1/llm/models?active=true&page_size=999")
    assert (status, [model["slug"] for model in models]) == (200, ["sandbox-small", "sandbox-large"])
