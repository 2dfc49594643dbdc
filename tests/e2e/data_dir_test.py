# SPDX-License-Identifier: Apache-2.0
"""Data directories that must not be served: each refusal names the place, the trouble and the remedy."""

import ctypes
import glob
import os
import re
import shutil

import server_case
import tandem
from tandem.v1 import service_category_pb2
from tandem.v1 import service_category_service_pb2 as categories
from tandem_process import wait_until

EXIT_DATA_DIR = 3


def xxh3_64(data):
    """The hash that the high-water file ends with."""
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_64bits.restype = ctypes.c_uint64
    return library.XXH3_64bits(ctypes.c_char_p(data), ctypes.c_size_t(len(data)))


def tree(folder):
    """Every file below a folder with its bytes, and every folder."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.join(place, name)] = None
        for name in files:
            with open(os.path.join(place, name), "rb") as file:
                found[os.path.join(place, name)] = file.read()
    return found


def fill(server, count=300, start=0):
    with tandem.connect(server.address) as client:
        for number in range(start, start + count):
            client.categories.CreateServiceCategory(
                categories.CreateServiceCategoryRequest(
                    service_category_id=f"c-{number}",
                    service_category=service_category_pb2.ServiceCategory(
                        display_name=f"类别 {number}", taxonomy="t", definition="词 " * 200
                    ),
                )
            )


def count(server):
    with tandem.connect(server.address) as client:
        request = categories.ListServiceCategoriesRequest(page_size=1000)
        return sum(len(p.service_categories) for p in tandem.pages(client.categories.ListServiceCategories, request))


class DataDirCase(server_case.ServerCase):
    def assert_refused(self, server, *told, untouched=True):
        """The server refuses its data directory with the exit code for that, saying all of `told`."""
        before = tree(server.data_dir)
        done = server.refused()
        self.assertEqual(done.code, EXIT_DATA_DIR, done.err)
        line = next(line for line in done.err.splitlines() if line.startswith("tandemd: "))
        self.assertIn(server.data_dir, line)
        for words in told:
            self.assertIn(words, line)
        if untouched:
            before.pop(os.path.join(server.data_dir, "LOCK"), None)
            after = tree(server.data_dir)
            after.pop(os.path.join(server.data_dir, "LOCK"), None)
            self.assertEqual(sorted(after), sorted(before), "files came or went")
            self.assertEqual(after, before, "a refused directory was changed")
        return line


class ForeignTest(DataDirCase):
    def test_a_second_server(self):
        first = self.start("first")
        fill(first, 3)
        second = self.server("second", data_dir=first.data_dir)
        self.assert_refused(second, "is in use", f"process {first.pid}", "stop it first", untouched=False)
        self.assertEqual(count(first), 3)
        self.assertEqual(first.stop(), 0)
        self.assertEqual(count(second.start()), 3)

    def test_a_file(self):
        path = self.write("data", "not a folder")
        self.assert_refused(self.server(), "is not a directory")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "not a folder")

    def test_a_folder_with_files_of_somebody_else(self):
        os.mkdir(self.path("data"))
        self.write("data/letter.txt", "dear")
        self.assert_refused(self.server(), "letter.txt", "name an empty or absent directory")

    def test_a_rocksdb_of_somebody_else(self):
        # What another program's database looks like from outside: its files lie at the top.
        os.mkdir(self.path("data"))
        for name, text in (("CURRENT", "MANIFEST-000004\n"), ("MANIFEST-000004", "x"), ("IDENTITY", "y")):
            self.write(os.path.join("data", name), text)
        self.assert_refused(self.server(), "other files", "CURRENT")

    def test_the_database_of_another_store(self):
        first, second = self.start("first"), self.start("second")
        fill(first, 5)
        self.assertEqual((first.stop(), second.stop()), (0, 0))
        shutil.rmtree(os.path.join(second.data_dir, "db"))
        shutil.copytree(os.path.join(first.data_dir, "db"), os.path.join(second.data_dir, "db"))
        self.assert_refused(second, "another store", "backup")

    def test_a_folder_whose_parent_is_missing(self):
        server = self.server(data_dir=self.path("none", "data"))
        self.assert_refused(server, "can't be made", "parent")
        self.assertFalse(os.path.exists(self.path("none")))

    def test_a_folder_others_may_write_to(self):
        for mode in (0o777, 0o775, 0o757):
            server = self.server(f"mode-{mode:o}")
            os.mkdir(server.data_dir)
            os.chmod(server.data_dir, mode)
            self.assert_refused(server, f"{mode:04o}", "chmod go-w")
            os.chmod(server.data_dir, 0o755)
            self.assertEqual(server.start().stop(), 0)

    def test_an_empty_folder_becomes_a_store(self):
        os.mkdir(self.path("data"))
        self.assertEqual(count(self.start()), 0)


class FormatTest(DataDirCase):
    def test_a_newer_format(self):
        server = self.start()
        fill(server, 2)
        self.assertEqual(server.stop(), 0)
        path = os.path.join(server.data_dir, "HIGH_WATER")
        with open(path, encoding="ascii") as file:
            lines = file.read().splitlines()
        self.assertIn("format 1", lines)
        # With a checksum that fits: written by a program that knows a newer format.
        text = "".join(line + "\n" for line in lines[:-1]).replace("format 1\n", "format 2\n")
        self.write("data/HIGH_WATER", text + f"check {xxh3_64(text.encode()):016x}\n")
        self.assert_refused(server, "newer Tandem", "storage format 2", "start that version")


class DamagedTest(DataDirCase):
    def stopped(self, records=300):
        """A server that was filled and ended in order."""
        server = self.start()
        fill(server, records)
        self.assertEqual(server.stop(), 0)
        return server

    def files(self, server, pattern):
        return sorted(glob.glob(os.path.join(server.data_dir, "db", pattern)))

    def cut(self, path, share):
        os.truncate(path, int(os.path.getsize(path) * share))

    def test_a_cut_manifest(self):
        server = self.stopped()
        self.cut(self.files(server, "MANIFEST-*")[-1], 0.4)
        self.assert_refused(server, "backup")

    def test_an_empty_manifest(self):
        server = self.stopped()
        self.cut(self.files(server, "MANIFEST-*")[-1], 0)
        self.assert_refused(server, "backup")

    def test_no_current_file(self):
        server = self.stopped()
        os.unlink(os.path.join(server.data_dir, "db", "CURRENT"))
        self.assert_refused(server, "CURRENT", "backup")

    def test_a_cut_table_file(self):
        server = self.stopped()
        # Started again, what lay in log files goes into tables.
        self.assertEqual(server.start().stop(), 0)
        tables = self.files(server, "*.sst")
        self.assertTrue(tables)
        self.cut(max(tables, key=os.path.getsize), 0.5)
        self.assert_refused(server, "damaged", "backup")

    def test_a_missing_table_file(self):
        server = self.stopped()
        self.assertEqual(server.start().stop(), 0)
        os.unlink(max(self.files(server, "*.sst"), key=os.path.getsize))
        self.assert_refused(server, "damaged", "backup")

    def test_no_database_folder(self):
        server = self.stopped(5)
        shutil.rmtree(os.path.join(server.data_dir, "db"))
        line = self.assert_refused(server, "db/ is missing or empty", "backup")
        self.assertRegex(line, r"last acknowledged revision is \d+")


class BehindTest(DataDirCase):
    def test_an_older_copy_of_the_database(self):
        server = self.start()
        fill(server, 10)
        self.assertEqual(server.stop(), 0)
        shutil.copytree(os.path.join(server.data_dir, "db"), self.path("older"))
        server.start()
        fill(server, 10, start=10)
        self.assertEqual(server.stop(), 0)
        shutil.rmtree(os.path.join(server.data_dir, "db"))
        shutil.copytree(self.path("older"), os.path.join(server.data_dir, "db"))

        line = self.assert_refused(server, "was acknowledged", "backup", "--accept-data-loss=")
        accept = re.search(r"--accept-data-loss=\d+", line).group()
        # Another revision than the one named accepts nothing.
        server.options = ["--accept-data-loss=1"]
        self.assert_refused(server, accept)
        server.options = [accept]
        self.assertEqual(count(server.start()), 10)
        self.assertEqual(server.stop(), 0)
        # Accepted once; from now on the directory is whole.
        server.options = []
        server.start()
        fill(server, 1, start=100)
        self.assertEqual(count(server), 11)

    def test_revisions_of_a_lost_history_are_never_given_again(self):
        server = self.start()
        fill(server, 3)
        self.assertEqual(server.stop(), 0)
        os.unlink(os.path.join(server.data_dir, "HIGH_WATER"))
        line = self.assert_refused(server, "HIGH_WATER is missing", "backup")
        server.options = [re.search(r"--accept-data-loss=\d+", line).group()]
        server.start()
        with tandem.connect(server.address) as client:
            page = client.categories.ListServiceCategories(categories.ListServiceCategoriesRequest())
        self.assertEqual(page.revision >> 40, 1, "a new epoch")

    def test_a_damaged_high_water_file(self):
        server = self.start()
        fill(server, 3)
        self.assertEqual(server.stop(), 0)
        path = os.path.join(server.data_dir, "HIGH_WATER")
        with open(path, "r+b") as file:
            file.seek(40)
            file.write(b"?")
        self.assert_refused(server, "HIGH_WATER is damaged", "--accept-data-loss=")

    def test_a_deleted_log_file(self):
        # What RocksDB by itself would open without a word, with acknowledged writes gone.
        server = self.start()
        fill(server, 20)
        self.wait_for_high_water(server)
        server.kill()
        logs = sorted(glob.glob(os.path.join(server.data_dir, "db", "*.log")))
        os.unlink(logs[-1])
        self.assert_refused(server, "backup")

    def wait_for_high_water(self, server):
        """Until the file says what was acknowledged; it is rewritten once a second."""
        with tandem.connect(server.address) as client:
            revision = client.categories.ListServiceCategories(categories.ListServiceCategoriesRequest()).revision

        def caught_up():
            with open(os.path.join(server.data_dir, "HIGH_WATER"), encoding="ascii") as file:
                return f"revision {revision}\n" in file.read()

        wait_until(caught_up, f"the high-water file to say {revision}")


if __name__ == "__main__":
    server_case.main()
