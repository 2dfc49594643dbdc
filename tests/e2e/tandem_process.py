# SPDX-License-Identifier: Apache-2.0
"""Starts and ends the programs under test: tandemd in a folder of its own, and `tandem` beside it.

The environment variable TANDEM_BUILD names the build directory. Servers listen on a port the kernel
chooses and die with the test, however that ends.
"""

import json
import os
import signal
import subprocess
import time
from typing import List, NamedTuple, Optional

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("TANDEM_BUILD", os.path.join(SOURCE, "build")))
BUNDLES = os.environ.get("TANDEM_BUNDLES", os.path.join(BUILD, "bundles"))

# Long enough for a machine that is busy with other tests.
START_SECONDS = 60
STOP_SECONDS = 60


def program(name: str) -> str:
    """The path of a built program."""
    path = os.path.join(BUILD, "bin", name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is not built; TANDEM_BUILD names the build directory")
    return path


def wait_until(condition, what: str, seconds: float = 30.0):
    """Answers the first true value of `condition()`; AssertionError when there is none in time."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain: {what}")
        time.sleep(0.01)


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str

    def json(self):
        return json.loads(self.out)


class Tandemd:
    """One server process; its data lies in `folder`/data unless `data_dir` names another place."""

    def __init__(self, folder: str, data_dir: Optional[str] = None, listen: str = "127.0.0.1:0", options=()):
        self.folder = folder
        self.data_dir = data_dir or os.path.join(folder, "data")
        self.admin_socket = os.path.join(folder, "admin.sock")
        self.listen = listen
        self.options = list(options)
        self.port: Optional[int] = None
        self._port_file = os.path.join(folder, "port")
        self._log_path = os.path.join(folder, "log")
        self._process: Optional[subprocess.Popen] = None

    def command(self) -> List[str]:
        return [
            # The kernel ends the server when this process ends, even by SIGKILL.
            "setpriv", "--pdeathsig", "KILL", "--",
            program("tandemd"), "--data-dir", self.data_dir, "--listen", self.listen,
            "--admin-socket", self.admin_socket, "--port-file", self._port_file, *self.options,
        ]  # fmt: skip

    def start(self) -> "Tandemd":
        """Starts the server and waits until it answers."""
        if os.path.exists(self._port_file):
            os.unlink(self._port_file)
        with open(self._log_path, "ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log
            )

        def port():
            if self._process.poll() is not None:
                raise AssertionError(f"tandemd ended with {self._process.returncode}: {self.log_text()}")
            # Written beside and renamed: a file that is there is whole.
            if not os.path.exists(self._port_file):
                return None
            with open(self._port_file, encoding="ascii") as file:
                return file.read()

        self.port = int(wait_until(port, "the port file", START_SECONDS))
        return self

    def refused(self, seconds: float = START_SECONDS) -> Ended:
        """Runs a server that is expected to end by itself, and answers how it did."""
        done = subprocess.run(
            self.command(), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def signal(self, number: int):
        self._process.send_signal(number)

    def wait(self, seconds: float = STOP_SECONDS) -> int:
        """The exit code, once the process ended."""
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Asks the server to stop; its exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """Ends the server at once, as a crash would. Harmless when it ended already."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(STOP_SECONDS)

    def log_text(self) -> str:
        with open(self._log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def events(self, name: str = "") -> List[dict]:
        """The log's events so far, all or those of one name."""
        found = []
        for line in self.log_text().splitlines():
            if line.startswith("{"):
                event = json.loads(line)
                if name in ("", event["event"]):
                    found.append(event)
        return found

    def tandem(self, *arguments: str, **more) -> Ended:
        """Runs the command line against this server."""
        environment = {"TANDEM_SERVER": self.address, "TANDEM_ADMIN_SOCKET": self.admin_socket}
        environment.update(more.pop("environment", {}))
        return tandem(*arguments, environment=environment, **more)

    def run(self, *arguments: str, **more) -> Ended:
        """Like tandem(), for what must succeed."""
        done = self.tandem(*arguments, **more)
        if done.code != 0:
            raise AssertionError(f"tandem {' '.join(arguments)} ended with {done.code}: {done.err}{done.out}")
        return done


def clean_environment(more=None) -> dict:
    """The environment without what would steer the programs under test."""
    steering = ("TANDEM_CONTEXT", "TANDEM_SERVER", "TANDEM_ADMIN_SOCKET", "NO_COLOR",
                "http_proxy", "https_proxy", "grpc_proxy")  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if name not in steering}
    kept["LC_ALL"] = "C.UTF-8"
    # Whoever runs the tests may have contexts of their own.
    kept["XDG_CONFIG_HOME"] = "/dev/null"
    kept.update(more or {})
    return kept


def tandem(*arguments: str, text: Optional[str] = None, environment=None, seconds: float = 120) -> Ended:
    """Runs `tandem`; `text` goes to its standard input."""
    done = subprocess.run(
        [program("tandem"), *arguments],
        input=(text or "").encode(),
        capture_output=True,
        timeout=seconds,
        check=False,
        env=clean_environment(environment),
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())
