"""The OpenAI-compatible gateway behind `stackspot serve`: StackSpot for every tool that speaks OpenAI.

doors        who may come in: Host, key, content type, size. Pure.
requests     an OpenAI request body, decided into a prompt. Pure.
problems     failures as OpenAI error objects with a status. Pure.
answers      one answer, whole or streamed, over ASGI.
application  the routes.
server       the socket, the signals, the end.
"""
