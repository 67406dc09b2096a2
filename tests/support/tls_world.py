"""What the tests of certificates and proxies have in common."""

import ssl

import trustme
from fault_server import FaultServer
from program import Program

OK = (0, "Hello\n", "")


PASSWORD = "canary:proxy@password/77"


def serving(certificate: trustme.LeafCert) -> FaultServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return FaultServer(tls=context)


def failed(program: Program, env: dict[str, str | None]) -> tuple[str, str]:
    """Asserts exit 6 with nothing on stdout; the error and the hint."""
    outcome = program.ask(env=env)
    error, hint = outcome.err.splitlines()
    assert (outcome.code, outcome.out) == (6, "")
    return error, hint


def hashed_names(path: str) -> list[str]:
    """What OpenSSL looks for in a folder of certificates: the hash of the subject's name."""
    import subprocess

    done = subprocess.run(
        ["openssl", "x509", "-subject_hash", "-noout", "-in", path],
        capture_output=True,
        text=True,
        check=True,
    )
    return [f"{line}.0" for line in done.stdout.split()]


BANK = "https://stackspot.test"


BLOCKED = "<html><body>Category blocked: AI. Ask the service desk.</body></html>"
