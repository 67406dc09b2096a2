"""One request over the network, with patience.

Knows httpx, sockets, TLS, proxies and retries. Refuses to know tokens, StackSpot's paths and what an answer means.
"""
