"""StackSpot as an object: answers, quick commands, uploads, knowledge, what the account lists.

Knows routes by name and tokens by their owner. Refuses to know JSON field names, sockets and screens.
"""
