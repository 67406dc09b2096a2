"""Several processes and one history; and a process that is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from stackspot_cli.domain import Conversation, Turn
from stackspot_cli.history.store import History

WRITER = """
import sys
from pathlib import Path
from stackspot_cli.account import Account
from stackspot_cli.conversation.answering import Answering
from stackspot_cli.conversation.past import estimate_for, new_conversation, resume, without_last_turn
from stackspot_cli.conversation.plan import plan_turn
from stackspot_cli.domain import Delta, Done, Question
from stackspot_cli.settings.model_catalogue import BUILT_IN_MODELS
from stackspot_cli.history.store import History
import os, time
from stackspot_cli.ulid import ulid

def note(text):
    print(text, file=sys.stderr, flush=True)

model = BUILT_IN_MODELS[0]
history = History(Path(sys.argv[1]), now=time.time, note=note)

def fresh_id():
    return ulid(time.time(), os.urandom(10))

def turn(conversation, message, events):
    plan = plan_turn(conversation, Question(message), model, scope="s", fresh_id=fresh_id)
    answering = Answering(plan, lambda model, prompt: (event for event in events), now=time.time, history=history)
    with answering:
        for event in answering.events():
            pass
    return answering.conversation

conversation = new_conversation(fresh_id(), Account("p"), model)
"""

FIFTY_TURNS = (
    WRITER
    + """
name = sys.argv[2]
for n in range(50):
    answer = iter([Delta(f"{name} "), Delta(f"hears {n}"), Done()])
    conversation = turn(conversation, f"{name} asks {n}", answer)
"""
)

ENDLESS = (
    WRITER
    + """
def endless():
    for n in range(5):
        yield Delta(f"word{n} ")
    print("said", flush=True)
    time.sleep(600)

turn(conversation, "a question", endless())
"""
)


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def history_at(path: Path) -> History:
    return History(path, now=time.time, note=lambda text: None)


def test_eight_processes_of_fifty_turns_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "data" / "history.db"
    writers = [start(FIFTY_TURNS, str(path), f"writer{n}") for n in range(8)]
    for writer in writers:
        assert writer.communicate(timeout=100) == ("", "")
    history = history_at(path)
    conversations = list(history.conversations(history.ids()))
    history.close()
    said = {turns_of(conversation)[0][0].split()[0]: conversation for conversation in conversations}
    assert sorted(said) == [f"writer{n}" for n in range(8)]
    for name, conversation in said.items():
        assert turns_of(conversation) == [
            (f"{name} asks {n}", f"{name} hears {n}", "complete") for n in range(50)
        ]
        assert conversation.in_sync


def turns_of(conversation: Conversation) -> list[tuple[str, str, str]]:
    def plain(turn: Turn) -> tuple[str, str, str]:
        return turn.prompt, turn.answer, turn.state

    return [plain(turn) for turn in conversation.turns]


def test_a_killed_process_loses_at_most_the_last_second(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    writer = start(ENDLESS, str(path))
    assert writer.stdout is not None
    assert writer.stdout.readline() == "said\n"
    time.sleep(1)  # the promise itself: what is a second old is kept, though the stream has fallen silent
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate(timeout=10)
    history = history_at(path)
    [summary] = history.summaries()
    conversation = history.find(summary.id)
    history.close()
    assert turns_of(conversation) == [("a question", "word0 word1 word2 word3 word4 ", "interrupted")]
    assert not conversation.in_sync
