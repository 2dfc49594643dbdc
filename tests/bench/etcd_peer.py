# SPDX-License-Identifier: Apache-2.0
"""One member of etcd for the time of a bench: the peer of durable writes that speaks gRPC too."""

import http.client
import os
import shutil
import socket
import subprocess
import time

from harness import field

PUT = "/etcdserverpb.KV/Put"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def put_request(key, value):
    return field(1, key) + field(2, value)


class EtcdPeer:
    """A member in `folder`, started at once and ended by stop(). Has what load_client wants of a server."""

    def __init__(self, folder):
        program = shutil.which("etcd")
        if program is None:
            raise SystemExit("etcd is missing: deploy/install_deps.sh --bench")
        self.folder = folder
        os.makedirs(folder)
        client, peer = free_port(), free_port()
        urls = {"client": f"http://127.0.0.1:{client}", "peer": f"http://127.0.0.1:{peer}"}
        with open(os.path.join(folder, "log"), "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(
                [program, "--name", "bench", "--data-dir", os.path.join(folder, "data"),
                 "--listen-client-urls", urls["client"], "--advertise-client-urls", urls["client"],
                 "--listen-peer-urls", urls["peer"], "--initial-advertise-peer-urls", urls["peer"],
                 "--initial-cluster", f"bench={urls['peer']}", "--logger", "zap", "--log-level", "error"],
                stdout=errors, stderr=errors)
        self.target = f"127.0.0.1:{client}"
        self.pid = str(self.process.pid)
        self.wait_until_healthy(client)

    def wait_until_healthy(self, port):
        begin = time.monotonic()
        while time.monotonic() - begin < 30:
            if self.process.poll() is not None:
                break
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
                connection.request("GET", "/health")
                if b'"true"' in connection.getresponse().read():
                    return
            except OSError:
                pass
            time.sleep(0.05)
        self.stop()
        raise SystemExit("etcd did not become healthy")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
