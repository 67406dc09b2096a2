"""The nouns: what is asked, what comes back, and who may see what.

Knows no file, no socket, no screen and no JSON field name.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal, TypeAlias, TypedDict

from stackspot_cli.account import Account
from stackspot_cli.lean_dataclasses import dataclass

DOTS = "••••••••"


class Secret:
    """A string that does not show itself: prints, formats, logs and pickles as dots. Compared in constant time.

    A plain slotted class: a dataclass would leak its field through `asdict` and `repr`.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The string itself. Called in the room `auth` alone; a law says so."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        import hmac

        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(*(one._value.encode("utf-8", "surrogatepass") for one in (self, other)))

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return f"Secret({DOTS})"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return DOTS

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("a Secret is not serialised")


# --- what comes back -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delta:
    """The next characters of the answer, exactly as received."""

    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document that the answer leans on. Any field may be absent."""

    name: str | None = None
    slug: str | None = None
    type: str | None = None
    document_type: str | None = None
    document_score: float | None = None
    document_id: str | None = None
    id: str | None = None

    @property
    def label(self) -> str:
        """What a person would call it."""
        return self.name or self.slug or self.document_id or self.id or "source"

    def fields(self) -> dict[str, object]:
        """Only what the service told, by name."""
        return {name: value for name in Source.__slots__ if (value := getattr(self, name)) is not None}


class TokenCounts(TypedDict):
    """`Usage` as a dict, for those who write it down."""

    prompt_tokens: int | None
    completion_tokens: int | None
    total_tokens: int | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts; None where the service told none. estimated: not counted by the service, not all of it.

    told: what of an estimate the service counted itself.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    estimated: bool = False
    told: Usage | None = field(default=None, compare=False)

    @property
    def as_told(self) -> Usage:
        """Without what we estimated."""
        return (self.told or Usage()) if self.estimated else self

    @property
    def total_tokens(self) -> int | None:
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, more: Usage) -> Usage:
        """Of both together; None where one of them was not told."""
        return Usage(
            _sum(self.prompt_tokens, more.prompt_tokens),
            _sum(self.completion_tokens, more.completion_tokens),
            self.estimated or more.estimated,
            self.as_told + more.as_told if self.estimated or more.estimated else None,
        )

    def counts(self) -> TokenCounts:
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.total_tokens,
        }


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


@dataclass(frozen=True, slots=True)
class Done:
    """The service's own last word. An answer without one was cut."""

    stop_reason: str = "stop"
    conversation_id: str | None = None
    message_id: str | None = None


Event: TypeAlias = Delta | Source | Usage | Done


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a quick command's execution stands. percentage: 0.0 to 1.0, None where not told."""

    status: str
    percentage: float | None = None
    step: str | None = None


# --- what is asked ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgentOptions:
    """An agent's own request fields; the absent ones are not sent."""

    knowledge_source_ids: tuple[str, ...] = ()
    stackspot_knowledge: bool = False
    deep_search: bool = False
    agent_version: int | None = None
    selected_model: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """One request for one answer, as it goes to the service.

    conversation_id: a ULID made by us; the service keeps the conversation under it.
    temperature, max_tokens: None when the user said nothing (the model's default is then sent).
    """

    text: str
    conversation_id: str
    temperature: float | None = None
    max_tokens: int | None = None
    upload_ids: tuple[str, ...] = ()
    agent: AgentOptions = field(default_factory=AgentOptions)


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, before it is decided how the service is told: the message, with its settings.

    instruction: ours, about the answer's form; it goes before the text and is no part of what was said.
    """

    text: str
    temperature: float | None = None
    max_tokens: int | None = None
    upload_ids: tuple[str, ...] = ()
    agent: AgentOptions = field(default_factory=AgentOptions)
    instruction: str = ""

    @property
    def instructed(self) -> str:
        """The text with the instruction before it."""
        return f"{self.instruction}\n\n{self.text}" if self.instruction else self.text

    def within(self, conversation_id: str, text: str) -> Prompt:
        """In this conversation of the service, with all that has to be said there."""
        return Prompt(text, conversation_id, self.temperature, self.max_tokens, self.upload_ids, self.agent)


# --- what was said ---------------------------------------------------------------------------------

Role: TypeAlias = Literal["system", "user", "assistant"]
TurnState: TypeAlias = Literal["complete", "cut", "interrupted", "failed"]


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the person and what came back, with the truth about how it ended.

    prompt: the message as the person gave it (files and stdin included, system text not).
    model: the reference that it was sent to. Times are seconds since 1970, UTC.
    finished_at: None for an answer that was never ended by us (the process was killed).
    """

    prompt: str
    answer: str = ""
    state: TurnState = "interrupted"
    model: str = ""
    started_at: float = 0.0
    finished_at: float | None = None
    usage: Usage = field(default_factory=Usage)
    sources: tuple[Source, ...] = ()
    message_id: str | None = None

    @property
    def happened(self) -> bool:
        """Whether it is part of what was said: not where it failed before a word came back."""
        return bool(self.answer) or self.state != "failed"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns that belong together.

    id: a ULID; what `history` lists, `--conversation` takes and an answer's JSON names. It stays.
    account: who held it; nobody else goes on with it.
    remote_id: the id under which the service has (some of) it; changes when we start over with the service.
    remote_scope: which realm, client id and address know remote_id. in_sync: it has seen exactly these turns there.
    revision: counts the stored changes, so that a second writer is noticed; 0 before the first.
    """

    id: str
    account: Account
    model: str
    system: str | None = None
    created_at: float = 0.0
    updated_at: float = 0.0
    turns: tuple[Turn, ...] = ()
    remote_id: str | None = None
    remote_scope: str | None = None
    in_sync: bool = False
    revision: int = 0

    @property
    def title(self) -> str:
        """The first line of the first message that has one."""
        return title_of(self.turns[0].prompt) if self.turns else ""


TITLE_CHARACTERS = 200


def title_of(prompt: str) -> str:
    return next((line.strip()[:TITLE_CHARACTERS] for line in prompt.splitlines() if line.strip()), "")
