"""What is left of a prompt without our own instructions. They are made here by the program itself."""

from stackspot_cli.review.parts import Part
from stackspot_cli.review.rules import house_rules, prompt_for
from stackspot_cli.sandbox.said import said
from stackspot_cli.structured import schema
from stackspot_cli.structured.complaints import Complaint
from stackspot_cli.structured.fitting import instruction, request_for_repair
from stackspot_cli.tools.inquiry import Call, Inquiry, Result, Said, Tool, ToolName
from stackspot_cli.tools.prompt_text import compose

SCHEMA = schema.from_text("approved bool: whether it may be merged, why")
READ = ToolName("read")
TOOLS = (
    Tool(READ, "Reads\na file", {"type": "object", "properties": {"path": {"type": "string"}}}),
    Tool(ToolName("ls")),
)


def test_a_plain_prompt_is_what_was_said() -> None:
    for prompt in (
        "May it be merged?",
        "",
        "You have tools. Do you?",
        "a JSON Schema: {",
        "=== user ===\nhi",
    ):
        assert said(prompt) == prompt


def test_a_schema_and_the_words_around_it_go() -> None:
    assert said(f"{instruction(SCHEMA)}\n\nMay it go?") == "May it go?"
    assert said(f"Be brief.\n\n{instruction(SCHEMA)}\n\nMay {{it}} go?") == "Be brief.\n\nMay {it} go?"


def test_of_a_request_for_a_repair_the_complaints_stay() -> None:
    repair = request_for_repair(SCHEMA, [Complaint(("why",), "it is missing")])
    assert said(repair) == "Your last answer does not fit:\n- /why: it is missing"


def test_of_a_review_the_title_and_the_change_stay() -> None:
    part = Part("src/a.py", (), "File: src/a.py\n\n1 + merge()")
    assert (
        said(prompt_for(part, house_rules(None))) == "Review of src/a.py\n\nFile: src/a.py\n\n1 + merge()\n"
    )


def test_tools_and_the_reminder_of_them_go_and_the_headings_stay() -> None:
    items = (
        Said("system", "You help."),
        Said("user", "What is in a.txt?"),
        Call("c1", READ, '{"path": "a.txt"}'),
        Result("c1", "one"),
    )
    assert said(compose(Inquiry(items, tools=TOOLS)).text) == (
        "You help.\n\n=== user ===\nWhat is in a.txt?\n\n=== assistant ===\n<tool_call>\n"
        '{"name": "read", "arguments": {"path": "a.txt"}}\n</tool_call>\n\n=== result of read, c1 ===\none'
    )


def test_a_form_goes_as_well() -> None:
    items = (Said("user", "Hi"), Said("assistant", "Hello"), Said("user", "May it be merged?"))
    left = said(compose(Inquiry(items, form=SCHEMA)).text)
    assert left == "=== user ===\nHi\n\n=== assistant ===\nHello\n\n=== user ===\nMay it be merged?"
