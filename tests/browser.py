"""A browser to look at pages with: Chromium, told what to do through a pair of pipes."""

import json
import os
import shutil
import subprocess
from contextlib import contextmanager

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # what is not here is not there
    "--remote-debugging-pipe",
]


class Page:
    """A tab, spoken to in the DevTools protocol: JSON messages that end in a zero byte."""

    def __init__(self, commands, answers):
        self._commands, self._answers = commands, answers
        self._n_sent, self._session, self._rest = 0, {}, b""
        self.events = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = {"sessionId": attached["sessionId"]}
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        """Give a command, and return its result."""
        self._n_sent += 1
        message = {"id": self._n_sent, "method": method, "params": params, **self._session}
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._n_sent:
                assert "error" not in answer, f"{method}: {answer['error']}"
                return answer["result"]

    def _receive(self):
        while b"\0" not in self._rest:
            chunk = os.read(self._answers, 2**16)
            assert chunk, "The browser is gone."
            self._rest += chunk
        message, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(message)
        if "method" in message:
            self.events.append((message["method"], message["params"]))
        return message

    def open(self, url, width=1280, dark=False):
        """Load a page, and wait until all of it is there."""
        phone = width < 600
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send(
            "Emulation.setDeviceMetricsOverride",
            **dict(width=width, height=900, deviceScaleFactor=1, mobile=phone),
        )
        self.events.clear()
        self.send("Page.navigate", url=url)
        while not any(method == "Page.loadEventFired" for method, _ in self.events):
            self._receive()

    def run(self, script):
        """Return what a script comes to, or what its promise does."""
        result = self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")


@contextmanager
def browser(profile):
    """Start Chromium, and yield a `Page`. `profile` is an empty folder."""
    import fcntl  # Windows has none, and no such pipes

    theirs_in, commands = os.pipe()
    answers, theirs_out = os.pipe()
    ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out)]

    def take_ends():  # Chromium reads from 3 and writes to 4
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    process = subprocess.Popen(
        [CHROMIUM, *FLAGS, f"--user-data-dir={profile}"],
        preexec_fn=take_ends,
        close_fds=False,
        stderr=subprocess.DEVNULL,
    )
    for end in (theirs_in, theirs_out, *ends):
        os.close(end)
    try:
        yield Page(commands, answers)
    finally:
        os.close(commands)  # it ends when it is told nothing more
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(answers)
