"""`stackspot serve` as a process: how it begins, whom it lets in, how it ends."""

import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gateway_caller import CHAT, HI, PLAIN, chunks_of, environment, post, prompts, running, wait_until

from stackspot_cli.gateway.listening import listen
from stackspot_cli.sandbox import Sandbox


def test_it_prints_one_line_serves_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    with running(environment(tmp_path), "--sandbox") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert post(url).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out) == (0, "")
    assert err == f"note: OpenAI's and Anthropic's APIs at {url}/v1, key: any; Ctrl-C ends it\n"


def test_a_quick_command_is_a_model(tmp_path: Path) -> None:
    """In the sandbox's own process, which is asked for the result more often than every 5 s."""
    asked = {**HI, "model": "command:explain-code"}
    with running(environment(tmp_path), "--sandbox") as (_process, url):
        whole = post(url, asked).json()["choices"][0]
        *chunks, done = chunks_of(post(url, {**asked, "stream": True}).text)
    assert (whole["finish_reason"], done) == ("stop", "[DONE]")
    streamed = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert streamed == whole["message"]["content"] != ""


def test_sigterm_lets_a_running_answer_finish(tmp_path: Path) -> None:
    with Sandbox(deltas=["."] * 20, delay_seconds=0.05) as server:
        environ = environment(tmp_path, **server.environment)
        with running(environ) as (process, url):
            body = {**HI, "stream": True}
            with httpx.stream("POST", url + CHAT, json=body, **PLAIN, timeout=60) as response:
                parts = response.iter_text()
                text = next(parts)
                process.send_signal(signal.SIGTERM)
                text += "".join(parts)
            assert (process.wait(), text.count('"content":"."')) == (143, 20)
            assert text.endswith("data: [DONE]\n\n")


def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    with (
        Sandbox(faults=["hang"]) as server,
        running(environment(tmp_path, **server.environment)) as (process, url),
        ThreadPoolExecutor(1) as pool,
    ):
        call = pool.submit(post, url)
        wait_until(lambda: bool(prompts(server)))
        assert process.stderr
        process.send_signal(signal.SIGINT)
        while "ending" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
        assert (call.result().status_code, call.result().json()["error"]["code"]) == (503, "ending")


def test_the_key_is_wanted_where_one_is_set(tmp_path: Path) -> None:
    environ = environment(tmp_path, STACKSPOTAI_SERVE_KEY="open sesame")
    with running(environ, "--sandbox", "-v") as (process, url):

        def asked(path: str, authorization: str | None) -> int:
            headers = {"Authorization": authorization} if authorization is not None else {}
            return httpx.get(url + path, headers=headers, **PLAIN).status_code

        assert [
            asked("/v1/models", value)
            for value in (
                None,
                "",
                "Bearer",
                "Bearer open",
                "Bearer open sesame!",
                "Basic open sesame",
            )
        ] == [401] * 6
        assert asked("/v1/models", "Bearer open sesame") == asked("/v1/models", "bearer open sesame") == 200
        assert asked("/health", None) == 200
        assert post(url).json()["error"]["code"] == "invalid_api_key"
        assert post(url, headers={"Authorization": "Bearer open sesame"}).status_code == 200
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate()
    assert "* GET /v1/models 401" in err
    assert "sesame" not in err
    assert "sandbox-key" not in err


def refused(tmp_path: Path, *arguments: str, code: str = "") -> tuple[int, str, str]:
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nfrom stackspot_cli.__main__ import main; main()", *arguments],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_an_open_address_without_a_key_is_refused(tmp_path: Path, host: str) -> None:
    assert refused(tmp_path, "serve", "--host", host) == (
        2,
        "",
        f"error: other machines could reach {host}: a key is needed\n"
        "hint: set STACKSPOTAI_SERVE_KEY, or leave --host at 127.0.0.1\n",
    )


def test_a_busy_port_is_said_with_a_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        code, out, err = refused(tmp_path, "serve", "--port", str(port))
    assert (code, out) == (3, "")
    assert err == (
        f"error: cannot listen on 127.0.0.1, port {port}: Address already in use\n"
        "hint: choose another one with --port, or 0 for one that is free\n"
    )


@pytest.mark.parametrize("package", ["starlette", "uvicorn"])
def test_a_missing_extra_is_said_in_one_sentence(tmp_path: Path, package: str) -> None:
    assert refused(tmp_path, "serve", code=f"import sys; sys.modules[{package!r}] = None") == (
        2,
        "",
        "error: the gateway needs more packages\n"
        "hint: pip install 'stackspot-cli[serve]', or pipx install --force 'stackspot-cli[serve]'\n",
    )


def test_the_socket_is_one_whose_small_writes_asyncio_sends_at_once() -> None:
    """It sets TCP_NODELAY on sockets that name their protocol; on others each answer waited 40 ms for an ACK."""
    listening = listen("127.0.0.1", 0, key=None)
    with listening.socket:
        assert listening.socket.proto == socket.IPPROTO_TCP
