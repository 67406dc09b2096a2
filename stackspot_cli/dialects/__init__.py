"""The APIs that programs speak, each read into one inquiry, and the answer in its own shapes. Pure.

asked             a request, whatever API it came by; and its fields, each refused by its name.
tool_fields       the tools among them.
parts             the text in a message's content, whatever it is made of.
problems          what went wrong, before an API has put it into its own words.
writing           what a writer of answers is.
chat_completions  OpenAI's older API, the one that most programs speak.
responses         OpenAI's newer one, which Codex speaks; and its writer.
messages          Anthropic's, which Claude Code speaks; and its writer.
apis              the table of them: a fourth is a reader, a writer and one row.
"""
