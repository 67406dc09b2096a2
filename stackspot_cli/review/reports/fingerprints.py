"""What makes a finding the same one in the next run, when the lines above it have moved. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from stackspot_cli.review.placing import Finding


def fingerprints(findings: Sequence[Finding]) -> list[str]:
    """One for each: of the file, the weight and the line's text, not of its number nor of a model's words.

    Several of one line are numbered, so that each is its own.
    """
    seen: Counter[str] = Counter()
    made = []
    for finding in findings:
        told = "\0".join([finding.file, finding.severity, " ".join(finding.quote.split())])
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] += 1
        made.append(f"{digest}:{seen[digest]}")
    return made
