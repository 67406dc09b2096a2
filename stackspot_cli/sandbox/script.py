"""Answers as told: which prompt gets which answer, or which fault.

Pure but for counting. Knows patterns and turns; refuses to know routes, frames and files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from stackspot_cli.sandbox.faults import FAULTS
from stackspot_cli.sandbox.replies import refusal
from stackspot_cli.sandbox.said import said
from stackspot_cli.sandbox.wire import Reply

KEYS = ("when", "said", "answer", "answers", "fault", "times")

# What can be wrong with a rule, by name, so that others can say it in their own words.
WRONGS = {
    "no-mapping": "must be a mapping of {known}",
    "unknown-key": "there is no {written!r}: the known keys are {known}",
    "two-kinds": "`answer` and `answers` exclude one another",
    "no-text": "`answer` is a text, `answers` a list of texts",
    "unknown-fault": "unknown fault {written!r}: the known ones are {known}",
    "bad-times": "`times` says how often a `fault` strikes: a whole number from 1",
    "no-answer": "needs an `answer`, `answers` or a `fault`",
    "no-pattern": "`{known}` is no pattern: {written}",
}


class BadRule(ValueError):
    """A rule that is none.

    number: counted from 1. wrong: a name of WRONGS. key: of the rule, where one is to blame. written: what stands
    there; known: what could. The two are for people.
    """

    def __init__(self, number: int, wrong: str, key: str = "", written: str = "", known: str = "") -> None:
        super().__init__(f"rule {number}: {WRONGS[wrong].format(written=written, known=known)}")
        self.number = number
        self.wrong = wrong
        self.key = key
        self.written = written
        self.known = known


@dataclass(frozen=True, slots=True)
class Told:
    """What the script says of one prompt. text: None for the usual answer. fault: "" for none.

    pieces: what the answer is made of, where even that was told.
    """

    text: str | None = None
    fault: str = ""
    pieces: tuple[str, ...] | None = None

    @property
    def refusal(self) -> Reply | None:
        """What the fault puts in the place of an answer."""
        return refusal(self.fault)


@dataclass(slots=True)
class _Rule:
    when: re.Pattern[str]
    said: re.Pattern[str]
    answers: tuple[str, ...]
    fault: str
    times: int | None  # strikes of the fault that are left; None for always
    given: int = 0  # answers that were given


class Script:
    """Rules in their order; the first that fits the prompt counts, the usual answer else.

    rules: mappings with `when` (a regular expression for the prompt as it arrived, with all that a client put around
    the request), `said` (one for what is left without a client's instructions, see `said`; without either every
    prompt fits), `answer` (a text) or `answers` (texts: the first time the first, the last one from then on), `fault`
    (a name of FAULTS) and `times` (how often it strikes; without: `expired-token` once, for the next token is a new
    one, and the others always). Raises BadRule, a ValueError.
    pieces: of every answer that no rule tells. Safe to share between threads.
    """

    def __init__(self, rules: Iterable[Mapping[str, Any]] = (), pieces: Sequence[str] | None = None) -> None:
        self._pieces = None if pieces is None else tuple(pieces)
        self._rules = [_rule(number, rule) for number, rule in enumerate(rules, 1)]
        self._lock = Lock()

    def tell(self, prompt: str) -> Told:
        for rule in self._rules:
            if rule.when.search(prompt) is None or rule.said.search(said(prompt)) is None:
                continue
            with self._lock:
                fault = "" if rule.times == 0 else rule.fault
                if fault and rule.times is not None:
                    rule.times -= 1
                if not rule.answers:
                    return Told(None, fault)
                text = rule.answers[min(rule.given, len(rule.answers) - 1)]
                if fault in ("", "slow", "cut"):  # the others bring no answer
                    rule.given += 1
                return Told(text, fault)
        return Told(pieces=self._pieces)


def _rule(number: int, rule: object) -> _Rule:
    def wrong(kind: str, key: str = "", written: object = "", known: Sequence[str] = ()) -> BadRule:
        return BadRule(number, kind, key, str(written), ", ".join(known))

    if not isinstance(rule, Mapping):
        raise wrong("no-mapping", known=KEYS)
    for key in rule:
        if key not in KEYS:
            raise wrong("unknown-key", str(key), key, KEYS)
    if "answer" in rule and "answers" in rule:
        raise wrong("two-kinds", "answers")
    answers = [rule["answer"]] if "answer" in rule else rule.get("answers", [])
    if not isinstance(answers, list | tuple) or not all(isinstance(text, str) for text in answers):
        raise wrong("no-text", "answer" if "answer" in rule else "answers")
    fault, times = rule.get("fault") or "", rule.get("times")
    if fault and fault not in FAULTS:
        raise wrong("unknown-fault", "fault", fault, FAULTS)
    if times is not None and (type(times) is not int or times < 1 or not fault):
        raise wrong("bad-times", "times")
    if not answers and not fault:
        raise wrong("no-answer")
    if fault == "expired-token" and times is None:
        times = 1
    when, of_said = (_pattern(rule, key, wrong) for key in ("when", "said"))
    return _Rule(when, of_said, tuple(answers), fault, times)


def _pattern(rule: Mapping[str, Any], key: str, wrong: Callable[..., BadRule]) -> re.Pattern[str]:
    try:
        return re.compile(rule.get(key, ""), re.MULTILINE)
    except (re.error, TypeError, RecursionError, OverflowError) as error:
        raise wrong("no-pattern", key, error, (key,)) from error
