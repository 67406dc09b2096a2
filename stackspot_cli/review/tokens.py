"""How long a part may be: a model's input limit, less the rules, in characters of this text.

Pure. The same text is as long in every run: what was learned of a model's counting (`conversation.token_estimate`)
would divide a file otherwise tomorrow, and ask again about what is remembered.
"""

from __future__ import annotations

from stackspot_cli.errors import UsageError
from stackspot_cli.model import Model
from stackspot_cli.review.parts import Part, Room
from stackspot_cli.review.rules import prompt_for
from stackspot_cli.translation import _

CHARACTERS = 3  # to a token of code; prose has four
ROOM = 0.8  # of a model's limit: the service puts words of its own before ours, and a repair comes after
LEAST_ROOM = 500  # tokens for a change; a hunk of a few lines


def tokens_of(text: str) -> int:
    """A careful estimate: a token for three characters, one for each that is not ASCII."""
    return -(-weight_of(text) // CHARACTERS)


def weight_of(text: str) -> int:
    """In thirds of a token."""
    foreign = 0 if text.isascii() else sum(character > "\x7f" for character in text)
    return len(text) + (CHARACTERS - 1) * foreign


def room_of(house: str, tokens: int | None, model: Model) -> Room:
    """What there is for a part. tokens: of the whole prompt; None for what the model takes. UsageError: too little."""
    limit = int(model.max_input_tokens * ROOM) if tokens is None else tokens
    rules = tokens_of(prompt_for(Part("", (), ""), house))
    if limit - rules < LEAST_ROOM:
        raise UsageError(
            _("the rules have about {count} tokens; of {limit} that leaves too little for a change").format(
                count=rules, limit=limit
            ),
            _("shorten the rules, or choose a model with a larger input limit"),
        )
    return Room((limit - rules) * CHARACTERS, weight_of)
