"""What a refusal means, StackSpot's or the token service's: a status and a body become one error with a next step.

Pure: knows statuses and the shapes of error bodies, opens nothing. The table is the contract's, section 3.
"""

from __future__ import annotations

import json
from collections.abc import Container, Mapping
from typing import Any, TypeAlias

from stackspot_cli.errors import (
    BadRequest,
    CredentialsRefused,
    NotAnAnswer,
    NotFound,
    NotPermitted,
    QuotaExceeded,
    RateLimited,
    Refused,
    ServerFailed,
    StackSpotError,
)
from stackspot_cli.routes.in_between import FORBIDDEN_HINT, is_page, redirected, refused_by_proxy
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, joined

DEFAULT_REALM = "stackspot"


def said(body: bytes) -> tuple[str, str | None]:
    """The service's own words for a person, and its code. Both made safe; the words may be empty.

    Order of the fields: protocol page, "Errors".
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return "", None
    if is_page(body):
        return _("(an HTML page, not StackSpot's own words)"), None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return safe_line(text), None
    return said_in(parsed)


def said_in(parsed: Any) -> tuple[str, str | None]:
    """The same for JSON that is already parsed; an empty one says nothing."""
    if parsed in (None, {}, []):
        return "", None
    if isinstance(parsed, str):
        return safe_line(parsed), None
    if not isinstance(parsed, dict):
        return safe_line(json.dumps(parsed, ensure_ascii=False)), None
    code = parsed.get("code")
    code = safe_line(code, 100) if isinstance(code, str) else None
    for key in ("details", "message", "error_description", "detail", "error"):
        words = _words(parsed.get(key))
        if words:
            return safe_line(words), code
    return (code or safe_line(json.dumps(parsed, ensure_ascii=False))), code


def _words(value: Any) -> str:
    match value:
        case str():
            return value.strip()
        case list():
            return "; ".join(filter(None, (_item(entry) for entry in value[:10])))
        case dict():
            return next(
                (
                    w
                    for key in ("details", "message", "msg", "error_description", "detail")
                    if (w := _words(value.get(key)))
                ),
                json.dumps(value, ensure_ascii=False) if value else "",
            )
        case None | bool():
            return ""
        case _:
            return str(value)


def _item(entry: Any) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("msg"), str):
        where = entry.get("loc")
        place = ".".join(str(part) for part in where if part != "body") if isinstance(where, list) else ""
        return f"{place}: {entry['msg']}" if place else entry["msg"]
    return _words(entry)


def names_a_tuning_field(body: bytes) -> bool:
    """Whether a refusal names one of the fields that only we send (`model`, `temperature`, `max_tokens`)."""
    import re

    words, code = said(body)
    if _over_long(words, code):
        return False  # its sentence may speak of "the model"
    text = words + " " + body.decode("utf-8", "replace")
    return re.search(r"(?<![A-Za-z_])(model|temperature|max_tokens)(?![A-Za-z_])", text) is not None


def _over_long(words: str, code: str | None) -> bool:
    """Whether a refusal is about the prompt's length: by the service's code, or as the LLMs behind it put it."""
    import re

    return (code is not None and "6001" in code) or re.search(
        r"(prompt|input|context|request)\b.*\btoo (long|large)|context[ _]length|context window",
        words,
        re.IGNORECASE,
    ) is not None


class Who:
    """Whose refusal it is. name: as it stands in a sentence. realm: the one that a token was asked of, or None."""

    __slots__ = ("name", "realm")

    def __init__(self, name: str, realm: str | None = None) -> None:
        self.name = name
        self.realm = realm


STACKSPOT = Who(_("StackSpot"))


def token_service(realm: str) -> Who:
    return Who(_("the token service"), realm)


# Whether it is the token service's alone, the statuses, what they mean, the sentence, the hint; the first that fits
# counts. A sentence may name {who}, the {status}, the {url} and the {realm}. Plain tuples: a class for the rows would
# be made at every start, and a refusal is rare.
_Row: TypeAlias = tuple[bool, Container[int], type[StackSpotError], str, str]
_TOKENS, _ANY = True, False
_RENEWED = _("ask the account's administrator, or wait until the quota is renewed")
_CHECK = _("check the prompt and options; `--dry-run` shows what is sent")
_TABLE: tuple[_Row, ...] = (
    (
        _TOKENS,
        {400, 401, 403},
        CredentialsRefused,
        _("the token service refused the credentials for realm {realm} ({status})"),
        _("verify credentials: client id, client key and realm belong together; run `stackspot login`"),
    ),
    (
        _TOKENS,
        {404},
        CredentialsRefused,
        _("the token service knows no realm {realm} (404)"),
        _("check the realm (the account's slug): STACKSPOTAI_REALM or `stackspot login`"),
    ),
    (
        _TOKENS,
        {402},
        QuotaExceeded,
        _("the token service says that a quota is used up (402)"),
        _RENEWED,
    ),
    (
        _ANY,
        {401},
        CredentialsRefused,
        _("StackSpot refused the credentials (401)"),
        _("verify credentials: run `stackspot status`, then `stackspot login`"),
    ),
    (_ANY, {402}, QuotaExceeded, _("the account's quota is used up (402)"), _RENEWED),
    (
        _ANY,
        {403},
        NotPermitted,
        _("StackSpot does not permit this (403)"),
        _(
            "check access permissions: the agent or quick command must be shared with this credential, "
            "and its id must be right"
        ),
    ),
    (
        _ANY,
        {404},
        NotFound,
        _("StackSpot knows nothing at {url} (404)"),
        _("check the name or id, and the service addresses with `stackspot config show`"),
    ),
    (
        _ANY,
        {408},
        ServerFailed,
        _("{who} gave up waiting for the request (408)"),
        _("try again; if it stays so, look at the network with `stackspot status`"),
    ),
    (
        _ANY,
        {429},
        RateLimited,
        _("{who} asks for fewer requests (429)"),
        _("wait a minute and try again; StackSpot's support can raise the limit"),
    ),
    (
        _TOKENS,
        range(400, 500),
        Refused,
        _("{who} refused the request ({status})"),
        _("check the token service's address and the realm with `stackspot status`"),
    ),
    (_ANY, {400, 422}, BadRequest, _("{who} refused the request ({status})"), _CHECK),
    (
        _ANY,
        {413},
        Refused,
        _("{who} refused the request ({status})"),
        _("send less: a shorter prompt or fewer files"),
    ),
    (_ANY, range(400, 500), Refused, _("{who} refused the request ({status})"), _CHECK),
    (
        _ANY,
        range(500, 1000),
        ServerFailed,
        _("{who} failed ({status})"),
        _("try again later; `stackspot status` shows which service is reached"),
    ),
    (
        _ANY,
        range(1000),
        NotAnAnswer,
        _("{who} answered with an unexpected status ({status})"),
        _("look at the network with `stackspot status`"),
    ),
)


def from_status(
    status: int, body: bytes, headers: Mapping[str, str], url: str, who: Who = STACKSPOT
) -> StackSpotError:
    """The error that an answer other than 2xx means. url is shown, so it must hold no secret."""
    if 300 <= status < 400:
        return redirected(status, headers, url)
    words, code = said(body)
    if status == 407:
        refusal = refused_by_proxy(status, str(status), headers, url)
        return type(refusal)(
            joined(": ", filter(None, (refusal.message, words))), refusal.hint, status=status
        )
    whose = (_TOKENS, _ANY) if who.realm is not None else (_ANY,)
    _whose, _statuses, kind, what, hint = next(row for row in _TABLE if row[0] in whose and status in row[1])
    what = what.format(who=who.name, status=status, url=safe_line(url), realm=safe_line(who.realm or "", 60))
    if status == 403 and is_page(body):
        hint = FORBIDDEN_HINT
    elif kind is CredentialsRefused and who.realm == DEFAULT_REALM:
        hint = _(
            "the realm is the default one: set STACKSPOTAI_REALM to your account's slug; then check id and key"
        )
    elif kind is BadRequest and _over_long(words, code):
        hint = _("send less: a shorter prompt, fewer files, or a new conversation")
    sentence = joined(": ", (what, words)) if words else what
    return kind(sentence, hint, status=status, service_code=code)


def without_dry_run(hint: str) -> str:
    """A refusal's hint for a call that could not have been a dry run."""
    return _("check the prompt and options") if hint == _CHECK else hint


def absent(error: StackSpotError, body: bytes, what: tuple[str, str]) -> StackSpotError:
    """A 404 where it is known what was sought: that is told. The address is only where it is the suspect: where it
    was not the service that answered, for its own answers have words.
    """
    words, code = said(body)
    if not words:
        return error
    sentence, hint = what
    return NotFound(joined(": ", (sentence, words)), hint, status=error.status, service_code=code)
