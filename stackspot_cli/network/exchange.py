"""One request, sent until it is answered or hopeless; every failure on the way becomes an error of ours.

Knows httpx's requests and when to try again. Refuses to know tokens, routes and what an answer means.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from stackspot_cli.errors import RateLimited, StackSpotError
from stackspot_cli.listener import Listener, Waiting
from stackspot_cli.network import failures, retry
from stackspot_cli.network.attempt import Attempt
from stackspot_cli.network.incoming import Incoming, beginning, whole
from stackspot_cli.network.lean_httpx import httpx
from stackspot_cli.network.outgoing import Outgoing
from stackspot_cli.network.patience import Patience
from stackspot_cli.network.tls import CertificatesUnreadable
from stackspot_cli.process.frames import without_frames
from stackspot_cli.redaction import redact_url
from stackspot_cli.safe_text import safe_line
from stackspot_cli.translation import _, changed, numeral

if TYPE_CHECKING:
    from stackspot_cli.network.shared_quota import SharedQuota, Turn

T = TypeVar("T")


class Exchange:
    """Sends requests by the contract's retry rules, over one pool of connections. Safe to share by threads.

    user_agent: how we name ourselves. listener: hears each step, and the headers under `--debug`. failed: is given
    each failure before it is raised, and the address that was asked; it may add to the hint.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        policy: retry.RetryPolicy,
        *,
        user_agent: str = "stackspot-cli",
        listener: Listener | None = None,
        failed: Callable[[StackSpotError, str], object] = lambda _failure, _url: None,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        # The transport itself: `httpx.Client` would keep cookies, and trip over a redirect that it need not follow.
        self._transport = transport
        self._policy = policy
        self._user_agent = user_agent
        self._listener = listener or Listener()
        self._failed = failed
        self._sleep = sleep
        self._uniform = uniform
        self._wall_clock = wall_clock

    def without_retries(self) -> Exchange:
        """The same connections, with one attempt: for a question whose answer is wanted soon or not at all."""
        return Exchange(
            self._transport,
            retry.RetryPolicy(0, self._policy.base_seconds),
            user_agent=self._user_agent,
            listener=self._listener,
            failed=self._failed,
            sleep=self._sleep,
            uniform=self._uniform,
            wall_clock=self._wall_clock,
        )

    def send(self, outgoing: Outgoing, patience: Patience) -> Incoming:
        """The open 2xx answer, its body not yet read; the caller closes it. Raises StackSpotError for all else."""
        return self._asked(outgoing, patience, Incoming)

    def fetch(self, outgoing: Outgoing, patience: Patience, *, limit: int) -> bytes:
        """The whole body of the 2xx answer; one that breaks off is asked for again where the request is repeatable.

        Raises StackSpotError, for a body over the limit NotAnAnswer.
        """
        return self._asked(outgoing, patience, lambda response, _attempt: whole(response, limit))

    def pause(self, seconds: float, patience: Patience) -> None:
        """Waits; the patience's idle hook may draw meanwhile."""
        ends = patience.now() + seconds
        while (left := ends - patience.now()) > 0:
            until_idle = patience.idle()
            self._sleep(left if until_idle is None else min(left, until_idle))

    def _asked(
        self, outgoing: Outgoing, patience: Patience, read: Callable[[httpx.Response, Attempt], T]
    ) -> T:
        try:
            return self._until_answered(outgoing, patience, read)
        except StackSpotError as failure:
            if not patience.deadline_passed():
                self._failed(failure, outgoing.url)
            raise

    def _until_answered(
        self, outgoing: Outgoing, patience: Patience, read: Callable[[httpx.Response, Attempt], T]
    ) -> T:
        failure: StackSpotError | None = None
        number, wait_seconds, fresh = 0, 0.0, False
        while True:
            self._await_turn(outgoing.quota, patience, number, wait_seconds, failure)
            attempt = Attempt(patience, outgoing.on_sent, fresh=fresh)
            patience.touch()
            patience.attempts += 1
            try:
                response = self._answered(outgoing, attempt, number)
                if 200 <= response.status_code < 300:
                    return read(response, attempt)
            except failures.LOSSES as error:
                if not fresh and failures.found_closed(
                    error, attempt
                ):  # no retry: nobody has heard the request
                    fresh = True
                    self._listener.step(_("the kept connection had been closed: asking on a new one"))
                    failure, wait_seconds = None, 0.0
                    continue
                failure = failures.explained(error, outgoing.url, attempt)
                verdict = self._after_loss(error, attempt, number, outgoing.repeatable)
            except CertificatesUnreadable as error:
                raise failures.certificates(error) from error
            else:
                failure, verdict = self._refused(response, outgoing, patience, number)
            if isinstance(verdict, retry.GiveUp):
                raise failures.with_verdict(failure, verdict)
            wait_seconds = verdict.seconds
            number, fresh = number + 1, False

    def _await_turn(
        self,
        quota: SharedQuota | None,
        patience: Patience,
        number: int,
        wait_seconds: float,
        failure: StackSpotError | None,
    ) -> None:
        """Until attempt number `number` may begin: by the retry rules, and by the quota.

        failure: of the attempt before. Raises what the quota raises, where it opens too late.
        """
        while True:
            turn = None
            if quota is not None:
                turn = _reserved(quota, patience, number, wait_seconds, failure)
                wait_seconds = turn.wait_seconds
            if wait_seconds > 0 or failure is not None:
                self._tell_wait(failure, wait_seconds, number)
            if wait_seconds <= 0:
                return
            try:
                self.pause(wait_seconds, patience)
            except BaseException:
                if quota is not None and turn is not None:
                    quota.give_back(turn)
                raise
            if quota is None or turn is None or not quota.is_over(turn):
                return
            wait_seconds = 0.0

    def _answered(self, outgoing: Outgoing, attempt: Attempt, number: int) -> httpx.Response:
        """The head of an answer. Raises one of LOSSES, CertificatesUnreadable, CannotConnect."""
        request = self._request(outgoing, attempt)
        self._tell_request(request, number)
        response = self._transport.handle_request(request)
        response.request = request
        self._tell_response(response)
        return response

    def _request(self, outgoing: Outgoing, attempt: Attempt) -> httpx.Request:
        try:
            return httpx.Request(
                outgoing.method,
                outgoing.url,
                content=outgoing.content or None,
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": "application/json",
                    "Accept-Encoding": "gzip, deflate",
                    **outgoing.headers,
                    **outgoing.sealed(),
                },
                extensions={"attempt": attempt},
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise failures.no_address(outgoing.url) from without_frames(error)

    def _refused(
        self, response: httpx.Response, outgoing: Outgoing, patience: Patience, number: int
    ) -> tuple[StackSpotError, retry.Wait | retry.GiveUp]:
        status, headers = response.status_code, response.headers
        failure = outgoing.explain(status, beginning(response), headers, str(response.url))
        if status == retry.TOO_MANY_REQUESTS and outgoing.quota is not None:
            outgoing.quota.refused()
        if status not in retry.RETRIED_STATUSES:
            raise failure
        come_back_seconds = retry.retry_after_seconds(
            headers.get("retry-after"), date=headers.get("date"), now=self._wall_clock()
        )
        return failure, self._decide(number, patience, status, come_back_seconds)

    def _after_loss(
        self, error: Exception, attempt: Attempt, number: int, repeatable: bool
    ) -> retry.Wait | retry.GiveUp:
        if not failures.may_be_sent_again(error, attempt, repeatable=repeatable):
            return retry.GiveUp("definite")
        if attempt.patience.deadline_passed():
            return retry.GiveUp("deadline")
        return self._decide(number, attempt.patience)

    def _decide(
        self,
        number: int,
        patience: Patience,
        status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> retry.Wait | retry.GiveUp:
        return retry.decide(
            self._policy,
            attempt=number,
            status=status,
            retry_after_seconds=retry_after_seconds,
            remaining_seconds=patience.retry_seconds(),
            uniform=self._uniform,
        )

    # --- what is told of it ------------------------------------------------------------------------

    def _tell_request(self, request: httpx.Request, number: int) -> None:
        url = safe_line(redact_url(str(request.url)), 500)
        self._listener.step(f"{request.method} {url} ({number + 1}/{self._policy.retries + 1})")
        self._tell_headers(">", request.headers.multi_items())

    def _tell_response(self, response: httpx.Response) -> None:
        request_id = response.headers.get("x-request-id") or response.headers.get("x-correlation-id")
        named = f", request id {safe_line(request_id, 80)}" if request_id else ""
        self._listener.step(f"{response.status_code} {safe_line(response.reason_phrase, 60)}{named}")
        self._tell_headers("<", response.headers.multi_items())

    def _tell_headers(self, direction: str, headers: Iterable[tuple[str, str]]) -> None:
        if self._listener.wire is not None:
            from stackspot_cli.redaction import redact_headers

            for name, value in redact_headers(headers):
                self._listener.wire(f"{direction} {name}: {safe_line(value)}")

    def _tell_wait(self, failure: StackSpotError | None, seconds: float, number: int) -> None:
        """failure: None where nothing has failed, and the quota alone is waited for."""
        if failure is None:
            self._listener.step(
                _("the quota lets the next request begin in {seconds} s").format(
                    seconds=numeral(f"{seconds:.1f}")
                )
            )
            self._listener.waiting(Waiting(seconds, _("waiting for the quota")))
            return
        what = changed(lambda text: text.rstrip("."), failure.message)
        self._listener.step(
            _("{what}; trying again in {seconds} s ({attempt} of {retries})").format(
                what=what, seconds=numeral(f"{seconds:.1f}"), attempt=number, retries=self._policy.retries
            )
        )
        if seconds > 0:
            attempts = self._policy.retries + 1
            self._listener.waiting(Waiting(seconds, str(failure.status or what), what, number + 1, attempts))


def _reserved(
    quota: SharedQuota,
    patience: Patience,
    number: int,
    wait_seconds: float,
    failure: StackSpotError | None,
) -> Turn:
    left = patience.retry_seconds() if number else patience.deadline_seconds()
    try:
        return quota.reserve(left, wait_seconds=wait_seconds)
    except RateLimited as late:
        if isinstance(failure, RateLimited):  # the service's own words say more
            raise failures.with_verdict(failure, retry.GiveUp("deadline", late.retry_after_seconds)) from late
        raise
