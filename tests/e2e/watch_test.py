# SPDX-License-Identifier: Apache-2.0
"""Changes from outside: `tandem watch`, many watchers, a server that stops and comes back under them."""

import json
import os
import signal
import subprocess
import threading
import time

import grpc
import server_case
import tandem
from tandem.v1 import change_service_pb2, change_service_pb2_grpc, service_category_pb2
from tandem.v1 import service_category_service_pb2 as categories
from tandem_process import clean_environment, program, wait_until

# How many watchers the reconnect storm has; the long suite takes more.
WATCHERS = int(os.environ.get("TANDEM_TEST_WATCHERS", "200"))
# A connection takes 128 streams.
STREAMS_A_CHANNEL = 100
# gRPC itself cancels calls that reach a server after it began to shut down.
BREAKS = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
STORM_SECONDS = 10 if WATCHERS <= 200 else 30


def create(client, name):
    return client.categories.CreateServiceCategory(
        categories.CreateServiceCategoryRequest(
            service_category_id=name,
            service_category=service_category_pb2.ServiceCategory(display_name=f"类别 {name}", taxonomy="t"),
        )
    )


class WatchCommand:
    """`tandem watch` at work; its lines as they come."""

    def __init__(self, case, server, *arguments):
        self.out, self.err = case.path("watch.out"), case.path("watch.err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.process = subprocess.Popen(
                [program("tandem"), "watch", *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                env=clean_environment({"TANDEM_SERVER": server.address}),
            )  # fmt: skip
        case.addCleanup(self.process.kill)

    @staticmethod
    def _text(path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def lines(self):
        return self._text(self.out).splitlines()

    def errors(self):
        return self._text(self.err)

    def wait_for(self, count):
        return wait_until(lambda: len(self.lines()) >= count and self.lines(), f"{count} lines of tandem watch")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


class WatchCommandTest(server_case.ServerCase):
    def test_one_line_an_event_and_how_to_go_on(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            first = create(client, "a")
            watch = WatchCommand(self, server, "categories", "--from", "1")
            self.assertIn("CREATED", watch.wait_for(1)[0])
            self.assertIn("serviceCategories/a  类别 a", watch.lines()[0])
            client.categories.DeleteServiceCategory(categories.DeleteServiceCategoryRequest(name=first.name))
            self.assertIn("DELETED", watch.wait_for(2)[1])
            self.assertEqual(watch.interrupt(), 130)
            self.assertIn("go on with: --from 3", watch.errors())
            create(client, "b")
        done = server.run("watch", "--from", "3", "--until-now", "-o", "name")
        self.assertEqual(done.out, "serviceCategories/b\n")
        done = server.run("watch", "--from", "1", "--until-now", "-o", "json", "--previous")
        events = [json.loads(line) for line in done.out.splitlines()]
        self.assertEqual([e["kind"][len("CHANGE_KIND_") :] for e in events], ["CREATED", "DELETED", "CREATED"])
        self.assertEqual(events[1]["previous"]["serviceCategory"]["etag"], first.etag)
        done = server.run("watch", "category", "--from", "1", "--until-now", "--filter",
                          'display_name = "类别 b"', "-o", "yaml")  # fmt: skip
        self.assertEqual(done.out.count("---\n"), 1)

    def test_wrong_use(self):
        server = self.start()
        for arguments, code, told in (
            (["agencis"], 2, "did you mean agencies?"),
            (["contacts"], 2, "no changes of contacts"),
            (["--filter", "x = 1"], 2, "exactly one noun"),
            (["agency", "region", "--filter", "x = 1"], 2, "exactly one noun"),
            (["agency", "--filter", "no_such = 1"], 1, "FILTER_INVALID"),
            (["--from", str(7 << 40)], 1, "HISTORY_CHANGED"),
            (["--from", "9"], 1, "lies ahead"),
        ):
            done = server.tandem("watch", *arguments)
            self.assertEqual(done.code, code, done.err)
            self.assertIn(told, done.err)
        done = server.tandem("watch", "--timeout", "1s", environment={"TANDEM_SERVER": "127.0.0.1:1"})
        self.assertEqual(done.code, 5, done.err)

    def test_goes_on_by_itself_after_a_crash_of_the_server(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            watch = WatchCommand(self, server, "--from", "1", "-o", "name")
            create(client, "a")
            watch.wait_for(1)
            server.kill()
            server.listen = server.address
            server.start()
            create(client, "b")
            self.assertEqual(watch.wait_for(2), ["serviceCategories/a", "serviceCategories/b"])
            self.assertIn("going on", watch.errors())
            self.assertEqual(watch.interrupt(), 130)

    def test_a_retention_that_is_none_is_refused(self):
        for wrong in ("", "35", "d", "-1d", "0.5h", "35 days"):
            done = self.server(options=["--history-retention", wrong]).refused()
            self.assertEqual(done.code, 2, done.err)
        server = self.start(options=["--history-retention", "36h"])
        with tandem.connect(server.address) as client:
            page = client.changes.ListChanges(change_service_pb2.ListChangesRequest())
        self.assertEqual(page.history.retention.seconds, 36 * 3600)


class Storm:
    """Many watchers of everything, each of which goes on where it was."""

    def __init__(self, address, count):
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100)]
        self.channels = [grpc.insecure_channel(address, options) for _ in range(0, count, STREAMS_A_CHANNEL)]
        self.seen = [0] * count
        self.broken = [0] * count
        self.wrong = []
        self.reasons = set()
        self.over = False
        self.threads = [threading.Thread(target=self._watch, args=(i,), daemon=True) for i in range(count)]
        for thread in self.threads:
            thread.start()

    def _watch(self, i):
        stub = change_service_pb2_grpc.ChangeServiceStub(self.channels[i // STREAMS_A_CHANNEL])
        start = 1
        while not self.over:
            try:
                for message in stub.Watch(change_service_pb2.WatchRequest(start_revision=start)):
                    for event in message.events:
                        # One change a revision here: the numbers have no hole.
                        if event.revision != start:
                            self.wrong.append((i, start, event.revision))
                        start = event.revision + 1
                    self.seen[i] = start - 1
            except grpc.RpcError as error:
                self.reasons.add(error.code())
                if error.code() not in BREAKS:
                    self.wrong.append((i, start, error.details()))
                    return
                self.broken[i] += 1
                time.sleep(0.05 + 0.001 * (i % 100))

    def wait_for(self, revision, what):
        wait_until(lambda: self.wrong or min(self.seen) >= revision, what, 120)

    def end(self):
        self.over = True
        for channel in self.channels:
            channel.close()
        for thread in self.threads:
            thread.join(60)


class ManyWatchersTest(server_case.ServerCase):
    def test_a_restart_under_many_watchers_loses_nobody_anything(self):
        server = self.start()
        storm = Storm(server.address, WATCHERS)
        self.addCleanup(storm.end)
        with tandem.connect(server.address) as client:
            for number in range(20):
                create(client, f"before-{number}")
            storm.wait_for(20, "everybody sees the first changes")
            # SIGTERM ends open watches at once, not after the drain time.
            began = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - began, 10)
            server.listen = server.address
            server.start()
            began = time.monotonic()
            for number in range(20):
                create(client, f"after-{number}")
            storm.wait_for(40, "everybody goes on")
            self.assertLess(time.monotonic() - began, STORM_SECONDS)
        self.assertEqual(storm.wrong, [])
        self.assertGreater(min(storm.broken), 0)
        self.assertIn(grpc.StatusCode.UNAVAILABLE, storm.reasons)


if __name__ == "__main__":
    server_case.main()
