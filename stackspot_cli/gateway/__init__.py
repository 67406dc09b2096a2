"""The gateway behind `stackspot serve`: StackSpot for every program that speaks OpenAI's or Anthropic's APIs.

access          who may come in: Host, key, content type, size. Pure.
answers         one answer, whole or streamed, over ASGI.
application     the routes.
client_configs  what to paste into a client. Pure.
connections     what slow and idle callers may take.
listening       the address, and the names by which it may be reached.
porter          who stands before every route.
server          the process: it begins, it ends.
"""
