"""Answers that are not StackSpot's own: a proxy's, a captive portal's, a single sign-on's.

Pure: knows statuses and the look of a page, opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from stackspot_cli.errors import CannotConnect, NotAnAnswer, StackSpotError
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _

# Of a page where JSON is spoken: it is nobody's whom the credentials concern.
FORBIDDEN_HINT = _(
    "the page is a proxy's or a firewall's: ask whoever runs it to allow the hosts that `stackspot config show` lists"
)


def is_page(body: bytes) -> bool:
    """Whether a body is HTML: StackSpot and its token service send none."""
    start = body.lstrip()[:512].lower()
    return start.startswith(b"<") or (b"<html" in start and start[:1] not in (b"{", b"["))


def refused_by_proxy(status: int, said: str, headers: Mapping[str, str], url: str) -> StackSpotError:
    """What it means that a proxy does not let a request through. said: the status, with the proxy's word for it.

    url: the host, or the address, that was asked for.
    """
    url, said = safe_line(url), safe_line(said, 80)
    if status == 407:
        return _sign_on_wanted(headers)
    if status == 403:
        return CannotConnect(
            _("the proxy forbids {url} ({status})").format(url=url, status=said),
            _("ask whoever runs the proxy to allow the hosts that `stackspot config show` lists"),
            status=status,
        )
    return CannotConnect(
        _("the proxy did not let the connection to {url} through: {status}").format(url=url, status=said),
        _("check HTTPS_PROXY with `stackspot status`; if it is right, ask whoever runs the proxy"),
        status=status or None,
    )


def _sign_on_wanted(headers: Mapping[str, str]) -> StackSpotError:
    offered = [one.split()[0] for one in headers.get("proxy-authenticate", "").split(",") if one.split()]
    ways = [way for way in offered if "=" not in way]  # what has one belongs to the way before it
    if ways and "basic" not in map(str.lower, ways):
        return CannotConnect(
            _("the proxy wants a sign-on by {ways} (407), which is not spoken here").format(
                ways=safe_line(", ".join(ways), 80)
            ),
            _(
                "only a user name and password (Basic) are; run a local helper that speaks the other, such as cntlm "
                "or px, and set HTTPS_PROXY to its address"
            ),
            status=407,
        )
    return CannotConnect(
        _("the proxy wants a user name and password (407)"),
        _(
            "set HTTPS_PROXY like http://USER:PASSWORD@proxy:8080, special characters URL-encoded: @ is %40, / is %2F"
        ),
        status=407,
    )


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
