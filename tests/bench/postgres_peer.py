# SPDX-License-Identifier: Apache-2.0
"""PostgreSQL with the same agencies and the indexes that serve the measured reads best, for the time of a bench: one
row an agency (its names and its protobuf bytes) with a trigram and a full-text index, and a side table (region,
category, points, id) with every ancestor of its home region and categories, which answers a filtered, ordered page by
one index range."""

import glob
import json
import os
import pwd
import shutil
import subprocess
import time

SETTINGS = {"listen_addresses": "", "shared_buffers": "1GB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB",
            "max_connections": "100", "jit": "off", "autovacuum": "off", "fsync": "on"}


def fields(data):
    """(number, value) of each field of one message; what is not length-delimited or varint never occurs here."""
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        if key & 7 == 0:
            value, at = read_varint(data, at)
        else:
            length, at = read_varint(data, at)
            value = data[at:at + length]
            at += length
        yield key >> 3, value


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def prepared_requests(path):
    """The messages of a file of the sample's chunks: each a varint length and its bytes."""
    with open(path, "rb") as chunks:
        data = chunks.read()
    at = 0
    while at < len(data):
        length, at = read_varint(data, at)
        yield data[at:at + length]
        at += length


class PostgresPeer:
    """A cluster in `folder`, started at once and ended by stop(). None of it is kept."""

    def __init__(self, folder, load_program):
        self.load_program = load_program
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        if not programs:
            raise SystemExit("PostgreSQL's server programs are missing: deploy/install_deps.sh --bench")
        self.programs = programs[-1]
        self.folder = folder
        os.makedirs(folder)
        # PostgreSQL refuses to run as root; its package brings a user for it.
        self.as_user = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            os.chmod(os.path.dirname(folder), 0o711)
            self.as_user = ["runuser", "-u", "postgres", "--"]
        self.data = os.path.join(folder, "data")
        self.call("initdb", "-D", self.data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C",
                  # Trigrams of Chinese characters: to the locale C they are no letters.
                  "--lc-ctype=C.UTF-8", "--no-sync")
        with open(os.path.join(folder, "settings"), "w") as out:
            for name, value in {**SETTINGS, "unix_socket_directories": folder}.items():
                out.write(f"{name} = '{value}'\n")
        options = f"-c config_file={self.data}/postgresql.conf"
        with open(os.path.join(self.data, "postgresql.conf"), "a") as out:
            out.write(f"include '{folder}/settings'\n")
        self.call("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(folder, "log"), "-o", options, "start")
        with open(os.path.join(self.data, "postmaster.pid")) as pid:
            self.postmaster = pid.readline().strip()
        self.connection = f"host={folder} user=bench dbname=postgres"

    def call(self, program, *arguments, **keywords):
        done = subprocess.run([*self.as_user, os.path.join(self.programs, program), *arguments], cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **keywords)
        if done.returncode != 0:
            raise SystemExit(f"{program}: {done.stdout.decode()}")

    def sql(self, text, path=os.devnull):
        """Runs one statement; `path`: the file that COPY … FROM STDIN reads."""
        with open(path, "rb") as feed:
            done = subprocess.run([os.path.join(self.programs, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
                                   self.connection, "-c", text], stdin=feed, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            raise SystemExit(f"psql: {text[:60]} failed")

    def fill(self, agencies, parent_of):
        """Loads `agencies` and returns the seconds it took from files that lie ready: COPY, keys, indexes, vacuum.
        `parent_of`: a category's name → its parent's."""
        rows, places = os.path.join(self.folder, "agency.rows"), os.path.join(self.folder, "place.rows")
        with open(rows, "wb") as row_file, open(places, "w", encoding="utf-8") as place_file:
            for agency in agencies:
                row_file.write(self.row(agency))
                place_file.writelines(self.places(agency, parent_of))
        self.sql("CREATE EXTENSION pg_trgm")
        begin = time.monotonic()
        self.sql("CREATE TABLE agency (id text, name text, english text, points int, body bytea NOT NULL)")
        self.sql("CREATE TABLE place (region text, category text, points int, id text)")
        self.sql("COPY agency FROM STDIN", rows)
        self.sql("COPY place FROM STDIN", places)
        self.sql("ALTER TABLE agency ADD PRIMARY KEY (id)")
        self.sql("CREATE INDEX ON place (region, category, points DESC, id)")
        self.sql("CREATE INDEX ON agency USING gin (name gin_trgm_ops)")
        self.sql("CREATE INDEX ON agency USING gin (to_tsvector('simple', english))")
        self.sql("VACUUM ANALYZE")
        seconds = time.monotonic() - begin
        os.unlink(rows)
        os.unlink(places)
        return seconds

    @staticmethod
    def row(agency):
        english = next((name.text for name in agency.names if name.language == "en"), "")
        head = "\t".join((agency.name, agency.display_name, english, str(agency.assessment.points)))
        return head.encode() + b"\t\\\\x" + agency.SerializeToString().hex().encode() + b"\n"

    @staticmethod
    def places(agency, parent_of):
        code = agency.home_region.removeprefix("regions/")
        regions = {code, code[:4] + "00", code[:2] + "0000"}
        categories = set()
        for skill in agency.categories:
            category = skill.category
            while category:
                categories.add(category)
                category = parent_of.get(category)
        for region in regions:
            for category in categories:
                yield f"regions/{region}\t{category}\t{agency.assessment.points}\t{agency.name}\n"

    def load(self, sql, parameters, in_flight, seconds):
        """`parameters`: a file, a line a request. The figures postgres_load prints."""
        done = subprocess.run([self.load_program, self.connection, sql, parameters, str(in_flight), seconds,
                               self.postmaster], stdout=subprocess.PIPE)
        if done.returncode != 0:
            raise SystemExit("postgres_load failed")
        return json.loads(done.stdout)

    def ask(self, sql, parameters):
        """The first column of every answer row, for one tuple of parameters."""
        quoted = ", ".join("'" + text.replace("'", "''") + "'" for text in parameters)
        done = subprocess.run([os.path.join(self.programs, "psql"), "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1",
                               self.connection, "-c", f"PREPARE q AS {sql}; EXECUTE q({quoted})"], check=True,
                              stdout=subprocess.PIPE)
        return done.stdout.decode().split()

    def stop(self):
        self.call("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
