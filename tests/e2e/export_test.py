# SPDX-License-Identifier: Apache-2.0
"""Exports from outside: cut off anywhere, resumed on a server that was killed and started again, and slow clients
that cost the server next to nothing."""

import grpc
import server_case
import tandem
from tandem.v1 import service_category_pb2
from tandem.v1 import service_category_service_pb2 as categories

BATCH = 500
TEXT = "词" * 400


def write(client, names, text=TEXT, allow_missing=True):
    """Creates or changes categories, many in one commit."""
    for start in range(0, len(names), BATCH):
        batch = categories.BatchUpdateServiceCategoriesRequest()
        for name in names[start : start + BATCH]:
            record = service_category_pb2.ServiceCategory(
                name=f"serviceCategories/{name}", display_name=name, taxonomy="t", definition=text
            )
            batch.requests.add(service_category=record, allow_missing=allow_missing)
        client.stub("categories").BatchUpdateServiceCategories(batch, timeout=60)


def export(client, token="", messages=None):
    """Records by name, and the token to go on with; all messages, or as many as asked for."""
    request = categories.ExportServiceCategoriesRequest(resume_token=token)
    stream = client.stub("categories").ExportServiceCategories(request, timeout=120)
    records = {}
    for number, message in enumerate(stream, 1):
        for record in message.service_categories:
            assert record.name not in records, record.name
            records[record.name] = record.SerializeToString(deterministic=True)
        token = message.resume_token
        if number == messages:
            stream.cancel()
            break
    return records, token


class ExportTest(server_case.ServerCase):
    def test_an_export_goes_on_where_it_was_cut_off_after_a_restart_too(self):
        server = self.start()
        names = [f"c-{number:05}" for number in range(3000)]
        with tandem.connect(server.address) as client:
            write(client, names)
            whole, end = export(client)
            self.assertEqual((len(whole), end), (3000, ""))
            part, token = export(client, messages=8)
            self.assertTrue(0 < len(part) < 3000, len(part))
            # What comes later is no part of it.
            write(client, names[::3], "something else")
            write(client, ["later"])
        together = dict(part)
        cuts = 0
        while token:
            server.kill()
            server.start()
            with tandem.connect(server.address) as client:
                part, token = export(client, token, messages=25)
            self.assertFalse(together.keys() & part.keys())
            together.update(part)
            cuts += 1
        self.assertGreater(cuts, 1)
        self.assertEqual(together, whole)

    def test_a_slow_client_costs_the_server_little(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            write(client, [f"c-{number:05}" for number in range(8000)])

            def memory():
                with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
                    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

            export(client)
            before = memory()
            request = categories.ExportServiceCategoriesRequest()
            streams = [client.stub("categories").ExportServiceCategories(request, timeout=120) for _ in range(20)]
            first = [next(stream) for stream in streams]
            self.assertEqual({message.revision for message in first}, {first[0].revision})
            # Others are served while twenty wait for their reader.
            write(client, ["meanwhile"])
            self.assertLess(memory() - before, 64 * 1024)
            for stream in streams:
                stream.cancel()
            records, _ = export(client)
            self.assertEqual(len(records), 8001)

    def test_a_stopping_server_ends_an_export_with_words(self):
        server = self.start()
        with tandem.connect(server.address) as client:
            write(client, [f"c-{number:05}" for number in range(8000)])
            stream = client.stub("categories").ExportServiceCategories(
                categories.ExportServiceCategoriesRequest(), timeout=120
            )
            token = next(stream).resume_token
            self.assertEqual(server.stop(), 0)
            with self.assertRaises(grpc.RpcError):
                for message in stream:
                    token = message.resume_token
            self.assertTrue(token)


if __name__ == "__main__":
    server_case.main()
