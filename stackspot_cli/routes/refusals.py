"""What the service's refusals mean: a status and a body become one error with a next step.

Pure: knows statuses and the shapes of error bodies, opens nothing. The table is the contract's, section 3.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

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
    Unavailable,
)
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, joined

ERROR_BODY_BYTES = 64 * 1024


def said(body: bytes) -> tuple[str, str | None]:
    """The service's own words for a person, and its code. Both made safe; the words may be empty.

    Order of the fields: protocol page, "Errors".
    """
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return "", None
    if text.startswith("<") or "<html" in text[:512].lower():
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


def _sentence(what: str, words: str) -> str:
    return joined(": ", (what, words)) if words else what


def from_status(status: int, body: bytes, headers: Mapping[str, str], url: str) -> StackSpotError:
    """The error that an API answer other than 2xx means. url is shown, so it must hold no secret."""
    words, code = said(body)
    kind: type[StackSpotError]
    match status:
        case 401:
            kind, what = CredentialsRefused, _("StackSpot refused the credentials (401)")
            hint = _("verify credentials: run `stackspot status`, then `stackspot login`")
        case 402:
            kind, what = QuotaExceeded, _("the account's quota is used up (402)")
            hint = _("ask the account's administrator, or wait until the quota is renewed")
        case 403:
            kind, what = NotPermitted, _("StackSpot does not permit this (403)")
            hint = _(
                "check access permissions: the agent or quick command must be shared with this credential, "
                "and its id must be right"
            )
        case 404:
            kind, what = NotFound, _("StackSpot knows nothing at {url} (404)").format(url=safe_line(url))
            hint = _("check the name or id, and the service addresses with `stackspot config show`")
        case 429:
            kind, what = RateLimited, _("StackSpot asks for fewer requests (429)")
            hint = _("wait a minute and try again; StackSpot's support can raise the limit")
        case 400 | 422:
            kind, what = BadRequest, _("StackSpot refused the request ({status})").format(status=status)
            hint = _("check the prompt and options; `--dry-run` shows what is sent")
            if _over_long(words, code):
                hint = _("send less: a shorter prompt, fewer files, or a new conversation")
        case 407:
            kind, what = Unavailable, _("the proxy wants a user name and password (407)")
            hint = _("set HTTPS_PROXY like http://USER:PASSWORD@proxy:8080")
        case 408:
            kind, what = ServerFailed, _("StackSpot gave up waiting for the request (408)")
            hint = _("try again; if it stays so, look at the network with `stackspot status`")
        case _ if 300 <= status < 400:
            return redirected(status, headers, url)
        case _ if 400 <= status < 500:
            kind, what = Refused, _("StackSpot refused the request ({status})").format(status=status)
            hint = _("check the prompt and options; `--dry-run` shows what is sent")
            if status == 413:
                hint = _("send less: a shorter prompt or fewer files")
        case _ if status >= 500:
            kind, what = ServerFailed, _("StackSpot failed ({status})").format(status=status)
            hint = _("try again later; `stackspot status` shows which service is reached")
        case _:
            kind, what = (
                NotAnAnswer,
                _("StackSpot answered with an unexpected status ({status})").format(status=status),
            )
            hint = _("look at the network with `stackspot status`")
    return kind(_sentence(what, words), hint, status=status, service_code=code)


def redirected(status: int, headers: Mapping[str, str], url: str) -> StackSpotError:
    """A redirect is never followed: it would carry the request, or the secret, to somebody else."""
    target = headers.get("location", "")
    from stackspot_cli.redaction import redact_url

    where = safe_line(redact_url(target)) if target else _("nowhere")
    return NotAnAnswer(
        _("{url} redirects to {where} ({status}), and redirects are not followed").format(
            url=safe_line(url), where=where, status=status
        ),
        _(
            "this is often a captive portal or a single sign-on of the network: open a browser, sign in, try again"
        ),
        status=status,
    )


def from_token_status(
    status: int, body: bytes, headers: Mapping[str, str], realm: str, url: str
) -> StackSpotError:
    """The error that the token service's answer other than 200 means."""
    if status not in (400, 401, 403, 404):
        return _token_service_failed(status, body) or from_status(status, body, headers, url)
    words, code = said(body)
    shown = safe_line(realm, 60)
    if status == 404:
        what = _("the token service knows no realm {realm} (404)").format(realm=shown)
    else:
        what = _("the token service refused the credentials for realm {realm} ({status})").format(
            realm=shown, status=status
        )
    if realm == "stackspot":
        hint = _(
            "the realm is the default one: set STACKSPOTAI_REALM to your account's slug; then check id and key"
        )
    elif status == 404:
        hint = _("check the realm (the account's slug): STACKSPOTAI_REALM or `stackspot login`")
    else:
        hint = _("verify credentials: client id, client key and realm belong together; run `stackspot login`")
    return CredentialsRefused(_sentence(what, words), hint, status=status, service_code=code)


def _token_service_failed(status: int, body: bytes) -> StackSpotError | None:
    """A failure that is no judgement on the credentials; None for what names its culprit in any case."""
    kind: type[StackSpotError]
    hint = _("try again later; `stackspot status` shows which service is reached")
    match status:
        case 402:
            kind, what = QuotaExceeded, _("the token service says that a quota is used up (402)")
            hint = _("ask the account's administrator, or wait until the quota is renewed")
        case 429:
            kind, what = RateLimited, _("the token service asks for fewer requests (429)")
            hint = _("wait a minute and try again")
        case 408:
            kind, what = ServerFailed, _("the token service gave up waiting for the request (408)")
            hint = _("try again; if it stays so, look at the network with `stackspot status`")
        case _ if 400 <= status < 500 and status != 407:
            kind, what = Refused, _("the token service refused the request ({status})").format(status=status)
            hint = _("check the token service's address and the realm with `stackspot status`")
        case _ if status >= 500:
            kind, what = ServerFailed, _("the token service failed ({status})").format(status=status)
        case _:
            return None
    words, code = said(body)
    return kind(_sentence(what, words), hint, status=status, service_code=code)


def not_an_answer(body: bytes, content_type: str, url: str) -> StackSpotError:
    """A 2xx that holds no answer: a portal's HTML page, nothing at all, or something else."""
    start = body.lstrip()[:512].lower()
    if not start:
        what = _("{url} answered with nothing")
    elif start.startswith(b"<") or "html" in content_type:
        what = _("{url} answered with a web page instead of an answer")
    else:
        what = _("{url} answered with something that is no answer")
    return NotAnAnswer(
        what.format(url=safe_line(url)),
        _("a proxy, captive portal or single sign-on may stand in between: look with `stackspot status`"),
        status=200,
    )
