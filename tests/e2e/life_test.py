# SPDX-License-Identifier: Apache-2.0
"""The server's life from outside: start, drain, stop, restart."""

import json
import os
import signal
import socket
import stat
import threading
import uuid

import grpc
import server_case
import tandem
from tandem.v1 import import_pb2, service_category_pb2
from tandem.v1 import service_category_service_pb2 as categories
from tandem_process import BUNDLES, wait_until

SERVING, NOT_SERVING, UNKNOWN = b"\x08\x01", b"\x08\x02", b"\x08\x03"


def category(number, **more):
    return service_category_pb2.ServiceCategory(display_name=f"类别 {number}", taxonomy="t", **more)


def create(client, number, request_id=""):
    return client.categories.CreateServiceCategory(
        categories.CreateServiceCategoryRequest(
            service_category_id=f"c-{number}", service_category=category(number), request_id=request_id
        )
    )


class StartTest(server_case.ServerCase):
    def test_serves_on_the_port_it_tells_and_logs_json_lines(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            self.assertEqual(create(client, 1).name, "serviceCategories/c-1")
        self.assertEqual(server.stop(), 0)
        self.assertEqual(server.events("serving")[0]["port"], server.port)
        for line in server.log_text().splitlines():
            self.assertEqual(list(json.loads(line))[:3], ["time", "level", "event"])

    def test_only_its_owner_may_use_the_admin_socket(self):
        server = self.start()
        self.assertEqual(stat.S_IMODE(os.stat(server.admin_socket).st_mode) & 0o077, 0)
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(server.admin_socket), "the socket is left over")

    def test_takes_the_place_of_a_socket_that_is_left_over(self):
        server = self.server()
        left_over = socket.socket(socket.AF_UNIX)
        left_over.bind(server.admin_socket)
        left_over.close()
        server.start()
        self.assertIn("plugins", server.run("plugin", "list", "-o", "json").out)

    def test_an_admin_socket_that_is_something_else_is_left_alone(self):
        letter = self.server("letter")
        self.write("letter/admin.sock", "dear")
        other = self.start("other")
        second = self.server("second")
        second.admin_socket = other.admin_socket
        long = self.server("long")
        long.admin_socket = self.path("l" * 120)
        for server, told in (
            (letter, "exists and is no socket"),
            (second, "another server answers on it"),
            (long, "a socket's may have 107"),
        ):
            done = server.refused()
            self.assertEqual(done.code, 4, done.err)
            self.assertIn(told, done.err)
        self.assertEqual(os.path.getsize(letter.admin_socket), 4)
        self.assertEqual(other.run("plugin", "list", "-o", "name").out, "")

    def test_a_port_file_that_cannot_be_written_is_refused(self):
        server = self.server()
        os.mkdir(self.path("port.new"))
        done = server.refused()
        self.assertEqual(done.code, 4, done.err)
        self.assertIn(self.path("port"), done.err)

    def test_wrong_options_are_refused_with_exit_code_2(self):
        for more, told in (
            ({"listen": "0.0.0.0:7310"}, "needs TLS"),
            ({"listen": "127.0.0.1"}, "HOST:PORT"),
            ({"options": ["--no-such-option"]}, "--no-such-option"),
            ({"options": ["--plugin-dir", self.path("none")]}, self.path("none")),
        ):
            with self.subTest(more):
                done = self.server(**more).refused()
                self.assertEqual(done.code, 2, done.err)
                self.assertIn(told, done.err)

    def test_a_plugin_folder_others_may_write_to_is_refused(self):
        for mode in (0o777, 0o775):
            folder = self.path(f"bundles-{mode:o}")
            os.mkdir(folder)
            os.chmod(folder, mode)
            done = self.server(options=["--plugin-dir", folder]).refused()
            self.assertEqual(done.code, 2, done.err)
            self.assertIn(folder, done.err)
            self.assertIn("writ", done.err)

    def test_a_taken_port_is_refused_with_exit_code_4(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            done = self.server(listen=address).refused()
        self.assertEqual(done.code, 4, done.err)
        self.assertIn(address, done.err)

    def test_help_lists_the_exit_codes(self):
        done = self.server(options=["--help"]).refused()
        self.assertEqual(done.code, 0)
        self.assertIn("Exit codes: 0 stopped in order", done.out)


class StopTest(server_case.ServerCase):
    def test_health_of_a_service_that_is_not_served(self):
        server = self.start()
        with grpc.insecure_channel(server.address) as channel:
            watches = [
                channel.unary_stream("/grpc.health.v1.Health/Watch")(b"\x0a\x04none", timeout=60) for _ in range(50)
            ]
            self.assertEqual({next(watch) for watch in watches}, {UNKNOWN})
            for watch in watches[1:]:
                watch.cancel()
            with self.assertRaises(grpc.RpcError) as missing:
                channel.unary_unary("/grpc.health.v1.Health/Check")(b"\x0a\x04none", timeout=60)
            self.assertEqual(missing.exception.code(), grpc.StatusCode.NOT_FOUND)
            server.signal(signal.SIGTERM)
            with self.assertRaises(grpc.RpcError) as ended:
                next(watches[0])
            self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertEqual(server.wait(15), 0)

    def test_sigterm_says_not_serving_and_lets_the_call_in_flight_end(self):
        server = self.start()
        options = import_pb2.ImportOptions(request_id=str(uuid.uuid4()))
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def requests():
            yield categories.ImportServiceCategoriesRequest(options=options)
            yield categories.ImportServiceCategoriesRequest(
                first_number=1, service_categories=[category(1, name="serviceCategories/c-1")]
            )
            go_on.wait(60)
            yield categories.ImportServiceCategoriesRequest(
                first_number=2, service_categories=[category(2, name="serviceCategories/c-2")]
            )

        with tandem.connect(server.address) as client, grpc.insecure_channel(server.address) as channel:
            answers = client.stub("categories").ImportServiceCategories(requests(), timeout=60)
            wait_until(lambda: next(answers).durable_number == 1, "the first chunk's answer")
            watch = channel.unary_stream("/grpc.health.v1.Health/Watch")
            whole = watch(b"", timeout=60)
            one = watch(b"\x0a\x15tandem.v1.NeedService", timeout=60)
            self.assertEqual((next(whole), next(one)), (SERVING, SERVING))
            server.signal(signal.SIGTERM)
            self.assertEqual((next(whole), next(one)), (NOT_SERVING, NOT_SERVING))
            self.assertTrue(server.running(), "the server ended under a call")
            go_on.set()
            self.assertEqual([answer.durable_number for answer in answers][-1:], [2])
            # Watchers don't hold the stop back: well under the drain time of 20 s.
            self.assertEqual(server.wait(15), 0)
            with self.assertRaises(grpc.RpcError) as ended:
                next(whole)
            self.assertEqual(ended.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(server.events("stopped")[0]["level"], "info")
        with tandem.connect(server.start().address) as client:
            found = client.categories.GetServiceCategory(
                categories.GetServiceCategoryRequest(name="serviceCategories/c-2")
            )
            self.assertEqual(found.display_name, "类别 2")

    def test_a_call_that_does_not_end_is_cut_off_after_the_drain_time(self):
        server = self.start(options=["--drain-seconds", "1"])
        never = threading.Event()
        self.addCleanup(never.set)

        def requests():
            yield categories.ImportServiceCategoriesRequest(options=import_pb2.ImportOptions())
            never.wait(60)

        with tandem.connect(server.address) as client:
            answers = client.stub("categories").ImportServiceCategories(requests(), timeout=60)
            answers.initial_metadata()
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(30), 0)
            with self.assertRaises(grpc.RpcError):
                list(answers)

    def test_a_second_signal_ends_it_at_once(self):
        server = self.start()
        never = threading.Event()
        self.addCleanup(never.set)

        def requests():
            yield categories.ImportServiceCategoriesRequest(options=import_pb2.ImportOptions())
            never.wait(60)

        with tandem.connect(server.address) as client:
            answers = client.stub("categories").ImportServiceCategories(requests(), timeout=60)
            answers.initial_metadata()
            server.signal(signal.SIGTERM)
            wait_until(lambda: server.events("stopping"), "the server stops")
            server.signal(signal.SIGINT)
            self.assertEqual(server.wait(10), 1)

    def test_sigint_stops_in_order_too(self):
        server = self.start()
        server.signal(signal.SIGINT)
        self.assertEqual(server.wait(), 0)


class RestartTest(server_case.ServerCase):
    def all_categories(self, client):
        request = categories.ListServiceCategoriesRequest(page_size=7, show_deleted=True)
        return [
            record.SerializeToString(deterministic=True)
            for page in tandem.pages(client.categories.ListServiceCategories, request)
            for record in page.service_categories
        ]

    def test_keeps_records_ids_page_tokens_and_request_ids(self):
        server = self.start()
        request_id = str(uuid.uuid4())
        with tandem.connect(server.address) as client:
            for number in range(40):
                create(client, number)
            first = create(client, "again", request_id)
            client.categories.DeleteServiceCategory(
                categories.DeleteServiceCategoryRequest(name="serviceCategories/c-3")
            )
            before = self.all_categories(client)
            page = client.categories.ListServiceCategories(
                categories.ListServiceCategoriesRequest(page_size=10)
            )
        self.assertEqual(server.stop(), 0)

        server.start()
        with tandem.connect(server.address) as client:
            self.assertEqual(self.all_categories(client), before)
            rest = client.categories.ListServiceCategories(
                categories.ListServiceCategoriesRequest(page_size=1000, page_token=page.next_page_token)
            )
            self.assertEqual(len(page.service_categories) + len(rest.service_categories), 40)
            # The same request again is the same write, told once more.
            self.assertEqual(create(client, "again", request_id), first)
            with self.assertRaises(tandem.InvalidError) as reused:
                create(client, "other", request_id)
            self.assertEqual(reused.exception.reason, "REQUEST_ID_REUSED")
            with self.assertRaises(tandem.ExistsError):
                create(client, "again", str(uuid.uuid4()))
            after = create(client, "after")
            self.assertGreater(after.create_time.ToNanoseconds(), first.create_time.ToNanoseconds())

    def test_remembers_which_plugins_were_enabled(self):
        server = self.start(options=["--plugin-dir", BUNDLES, "--allow-unsigned-plugins"])
        server.run("plugin", "load", "category-fit")
        server.run("plugin", "enable", "category-fit")
        server.run("plugin", "load", "capability")
        self.assertEqual(server.stop(), 0)
        server.start()

        def states():
            listed = server.run("plugin", "list", "-o", "json").json()["plugins"]
            found = {plugin["name"]: plugin["state"] for plugin in listed}
            wanted = {
                "plugins/category-fit": "PLUGIN_STATE_ENABLED",
                "plugins/capability": "PLUGIN_STATE_LOADED",
                "plugins/localisation": "PLUGIN_STATE_INSTALLED",
            }
            return {name: found[name] for name in wanted} == wanted

        wait_until(states, "the plugins are as before")


if __name__ == "__main__":
    server_case.main()
