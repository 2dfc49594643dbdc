# SPDX-License-Identifier: Apache-2.0
"""`tandem mirror`: however often it is cut off, it ends equal to the server."""

import json
import os
import random
import signal
import subprocess
import threading

import grpc
import server_case
import tandem
from tandem.v1 import agency_pb2, service_category_pb2
from tandem.v1 import agency_service_pb2 as agencies
from tandem.v1 import service_category_service_pb2 as categories
from tandem_process import clean_environment, program, wait_until

# How often the mirror is killed; the long suite takes 1,000.
CUTS = int(os.environ.get("TANDEM_TEST_CUTS", "40"))
SEED = int(os.environ.get("TANDEM_TEST_SEED", "1"))
PLURALS = ("regions", "categories", "agencies", "offers", "needs", "rounds", "pairings", "profiles")


class Writer(threading.Thread):
    """Writes at random until it is stopped."""

    def __init__(self, address):
        super().__init__(daemon=True)
        self.address = address
        self.over = threading.Event()
        self.writes = 0
        self.failure = None

    def run(self):
        dice = random.Random(SEED)
        try:
            with tandem.connect(self.address) as client:
                while not self.over.is_set():
                    self.write(client, dice)
                    self.writes += 1
                    self.over.wait(0.002)
        # It is raised again by stop().
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error

    def write(self, client, dice):
        number = dice.randrange(60)
        name = f"serviceCategories/c-{number}"
        try:
            if dice.random() < 0.3:
                client.categories.DeleteServiceCategory(categories.DeleteServiceCategoryRequest(name=name))
            elif dice.random() < 0.3:
                client.categories.UndeleteServiceCategory(categories.UndeleteServiceCategoryRequest(name=name))
            else:
                client.categories.UpdateServiceCategory(
                    categories.UpdateServiceCategoryRequest(
                        service_category=service_category_pb2.ServiceCategory(
                            name=name, display_name=f"类别 “{dice.random()}”", taxonomy="t",
                            labels={"n": str(dice.random())},
                        ),
                        allow_missing=True,
                    )
                )  # fmt: skip
        except tandem.TandemError as error:
            # Deleted twice, or taken back when it was there; or the server goes down and is not back yet.
            refused = error.reason in ("RESOURCE_NOT_FOUND", "RESOURCE_EXISTS", "RESOURCE_DELETED_EXISTS")
            if not refused and error.code not in (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE):
                raise

    def stop(self):
        self.over.set()
        self.join(60)
        if self.failure:
            raise self.failure


class MirrorTest(server_case.ServerCase):
    def mirror(self, server, *arguments):
        process = subprocess.Popen(
            [program("tandem"), "mirror", self.path("mirror"), *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=clean_environment({"TANDEM_SERVER": server.address}),
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        return process

    def records(self, collection):
        """What a file of the mirror holds, in its order."""
        with open(self.path("mirror", f"{collection}.ndjson"), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def assert_equal_to(self, server):
        for plural in PLURALS:
            listed = server.run(plural, "list", "--all", "-o", "json").json()
            collection = next(key for key in listed if key not in ("nextPageToken", "revision"))
            self.assertEqual(self.records(collection), listed[collection], plural)

    def test_keeps_equal_while_it_runs_and_leaves_deleted_ones_out(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            for name in ("a", "b"):
                client.agencies.CreateAgency(
                    agencies.CreateAgencyRequest(agency_id=name, agency=agency_pb2.Agency(display_name=name))
                )
            process = self.mirror(server, "--interval", "0")
            wait_until(lambda: os.path.exists(self.path("mirror", "matchRuns.ndjson")), "the first list")
            client.agencies.DeleteAgency(agencies.DeleteAgencyRequest(name="agencies/a"))
            client.agencies.CreateAgency(
                agencies.CreateAgencyRequest(agency_id="c", agency=agency_pb2.Agency(display_name="新机构"))
            )
            wait_until(
                lambda: [r["name"] for r in self.records("agencies")] == ["agencies/b", "agencies/c"],
                "the mirror follows",
            )
        self.assert_equal_to(server)
        other = server.tandem("mirror", self.path("mirror"))
        self.assertEqual(other.code, 1)
        self.assertIn("another mirror is at work", other.err)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 130)
        self.assertIn(b"the same command goes on", process.stderr.read())

    def test_goes_on_after_a_restart_of_the_server(self):
        server = self.start()
        writer = Writer(server.address)
        process = self.mirror(server, "--interval", "0")
        writer.start()
        wait_until(lambda: writer.writes > 50 or writer.failure, "some writes")
        server.stop()
        server.listen = server.address
        server.start()
        before = writer.writes
        wait_until(lambda: writer.writes > before + 50 or writer.failure, "more writes")
        writer.stop()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 130)
        server.run("mirror", self.path("mirror"), "--once")
        self.assert_equal_to(server)

    def test_cut_off_again_and_again_it_ends_equal_to_the_server(self):
        server = self.start()
        writer = Writer(server.address)
        writer.start()
        dice = random.Random(SEED)
        for _ in range(CUTS):
            process = self.mirror(server, "--interval", "0")
            try:
                process.wait(dice.uniform(0.0, 0.12))
                self.fail(f"it ended by itself: {process.stderr.read()}")
            except subprocess.TimeoutExpired:
                process.kill()
            process.wait(30)
            process.stderr.close()
        writer.stop()
        self.assertGreater(writer.writes, CUTS)
        done = server.run("mirror", self.path("mirror"), "--once")
        self.assertIn("up to date", done.err)
        self.assert_equal_to(server)
        self.assertGreater(len(self.records("serviceCategories")), 10)
        # Nothing is left over but the layout.
        files = set(os.listdir(self.path("mirror")))
        self.assertEqual({name for name in files if name.endswith(".new")}, set())
        self.assertEqual(len([name for name in files if name.startswith("changes-")]), 1, files)

    def test_a_file_somebody_edited_is_told(self):
        server = self.start()
        server.run("mirror", self.path("mirror"), "--once")
        with open(self.path("mirror", "regions.ndjson"), "a", encoding="utf-8") as file:
            file.write("by hand\n")
        server.run("region", "create", "-f", "-", text="name: regions/1\ndisplayName: 省\ncode: '1'\n")
        done = server.tandem("mirror", self.path("mirror"), "--once")
        self.assertEqual(done.code, 1)
        self.assertIn("regions.ndjson", done.err)
        self.assertIn("remove state.json to begin anew", done.err)
        os.unlink(self.path("mirror", "state.json"))
        server.run("mirror", self.path("mirror"), "--once")
        self.assert_equal_to(server)


if __name__ == "__main__":
    server_case.main()
