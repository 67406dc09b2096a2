"""Why the network failed, in our words: the system's and the libraries' are jargon, and English everywhere.

Knows error numbers, the codes of OpenSSL and the few sentences of the libraries that mean something. Refuses to know
what was being done.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from collections.abc import Iterable

from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.translation import _

_HUNG_UP = _("the other side hung up")
_NO_WAY = _("there is no way to its network: is this machine online?")
_SYSTEM = {
    errno.ECONNREFUSED: _("nobody listens there"),
    errno.ECONNRESET: _HUNG_UP,
    errno.ECONNABORTED: _HUNG_UP,
    errno.EPIPE: _HUNG_UP,
    errno.EHOSTUNREACH: _("the host is not reached"),
    errno.ENETUNREACH: _NO_WAY,
    errno.ENETDOWN: _NO_WAY,
    errno.EADDRNOTAVAIL: _NO_WAY,
    errno.ETIMEDOUT: _("no answer came"),
    errno.EACCES: _("this machine does not permit it"),
    errno.EPERM: _("this machine does not permit it"),
    errno.EMFILE: _("this process has too many files open"),
    errno.ENFILE: _("this machine has too many files open"),
    errno.ENOENT: _("there is no such file"),
    errno.ENOTDIR: _("there is no such folder"),
    errno.EISDIR: _("it is no file"),
}
_UNKNOWN_NAME = _("the name is not known")
_NAMES = {
    socket.EAI_NONAME: _UNKNOWN_NAME,
    getattr(socket, "EAI_NODATA", socket.EAI_NONAME): _UNKNOWN_NAME,
    socket.EAI_AGAIN: _("no name server answers"),
}
_UNKNOWN_AUTHORITY = _("nobody whom this machine trusts vouches for it")
_OTHER_NAME = _("it is for another name")
_CERTIFICATES = {  # X509_V_ERR_…: openssl-verification-options (1)
    2: _UNKNOWN_AUTHORITY,
    9: _("it is not valid yet: check this machine's clock"),
    10: _("it has expired; or this machine's clock is wrong"),
    18: _("it vouches for itself"),
    19: _("an authority that this machine does not trust vouches for it"),
    20: _UNKNOWN_AUTHORITY,
    21: _UNKNOWN_AUTHORITY,
    23: _("it was revoked"),
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}
_NO_TLS = _("what answers there does not speak TLS")
_OLD_TLS = _("it speaks a TLS that is too old")
_TLS = {
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
    "HTTPS_PROXY_REQUEST": _NO_TLS,
    "UNKNOWN_PROTOCOL": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "UNSUPPORTED_PROTOCOL": _OLD_TLS,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD_TLS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _("it speaks no cipher that is safe"),
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _("it wants a certificate of ours"),
    "UNEXPECTED_EOF_WHILE_READING": _HUNG_UP,
    "NO_CERTIFICATE_OR_CRL_FOUND": _("there is no certificate in it"),
    "NO_START_LINE": _("there is no certificate in it"),
}


def of(chain: Iterable[BaseException]) -> str:
    """Why, by the innermost failure of a chain that means something; empty where none does."""
    told = [words for error in chain if (words := _of_one(error))]
    return told[-1] if told else ""


def _of_one(error: BaseException) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            told = getattr(error, "verify_message", "")
            return _CERTIFICATES.get(getattr(error, "verify_code", 0), told) or str(error)
        case ssl.SSLEOFError() | ssl.SSLZeroReturnError():
            return _HUNG_UP
        case ssl.SSLError():
            reason = getattr(error, "reason", None) or ""
            return _TLS.get(reason, reason.replace("_", " ").lower()) or str(error)
        case socket.gaierror():
            return _NAMES.get(error.errno or 0, _("the name cannot be looked up"))
        case OSError():
            return _of_number(error)
        case UnicodeError():  # Python's IDNA: an empty label, or one of more than 63 characters
            return _("it is no host name")
        case httpx.RemoteProtocolError():
            return _HUNG_UP if hung_up(error) else _("what came is not HTTP")
        case httpx.DecodingError():
            return str(error)
        case httpx.ReadError() | httpx.WriteError():
            return _HUNG_UP
    return ""


def _of_number(error: OSError) -> str:
    number = error.errno or 0
    return _SYSTEM.get(number) or error.strerror or (os.strerror(number) if number else str(error))


def hung_up(error: BaseException) -> bool:
    """Whether what httpcore took for a mistake of the protocol is a connection that ended too early."""
    return "without sending" in str(error)
