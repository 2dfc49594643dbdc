# SPDX-License-Identifier: Apache-2.0
"""Rows of reading: get, list, the searches, and how flat they stay as the directory grows."""

import os
import statistics

from harness import SERVICE, absolute, field, figure, write_requests

GET_SQL = "SELECT body FROM agency WHERE id = $1"
LIST_SQL = ("SELECT a.body FROM place p JOIN agency a ON a.id = p.id WHERE p.region = $1 AND p.category = $2 "
            "ORDER BY p.points DESC, p.id LIMIT 50")
INSIDE_SQL = ("SELECT body FROM agency WHERE name LIKE '%' || $1 || '%' ORDER BY points DESC, id LIMIT 20")
WORDS_SQL = ("SELECT body FROM agency WHERE to_tsvector('simple', english) @@ plainto_tsquery('simple', $1) "
             "ORDER BY points DESC, id LIMIT 20")


def queries(name):
    """A list of queries in the tree: tests/bench/queries/NAME.txt, one a line."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "queries", name + ".txt"),
              encoding="utf-8") as lines:
        return [line.rstrip("\n") for line in lines if line.strip() and not line.startswith("#")]


def write_parameters(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.writelines("\t".join(row) + "\n" for row in rows)
    return path


def get(bench):
    records = bench.sizes()[0]
    # A stride prime to the count visits every record in no useful order.
    names = ["agencies/syn-%04d" % (1 + i * 7919 % records) for i in range(min(records, 20_000))]
    requests = write_requests(bench.path("get.requests"), [field(1, name) for name in names])
    for in_flight in (1, 8, 64):
        yield bench.beside_echo("get", records, "GetAgency", requests, in_flight, 1.25)
    parameters = write_parameters(bench.path("get.parameters"), [[name] for name in names])
    yield bench.beside_postgres("get", records, "GetAgency", requests, GET_SQL, parameters, 64, 0.5, "by primary key")


def places_and_fields(bench, records):
    """Places and fields drawn from the agencies themselves, counties and prefectures in turn. Counties of
    municipalities have no prefecture above them."""
    known = bench.region_names(records)
    pairs = []
    for i, agency in enumerate(bench.agencies(records)):
        if i % max(1, records // 1000) == 0 and agency.categories:
            code = agency.home_region.removeprefix("regions/")
            place = "regions/" + (code if len(pairs) % 2 else code[:4] + "00")
            if place in known:
                pairs.append((place, agency.categories[0].category))
    return pairs


def list_request(region, category):
    return (field(2, 50) + field(4, f'within("{region}") AND offers("{category}")') +
            field(5, "assessment.points desc"))


def list_message(region, category):
    from tandem.v1 import agency_service_pb2  # pylint: disable=import-outside-toplevel
    return agency_service_pb2.ListAgenciesRequest.FromString(list_request(region, category))


def list_row(bench):
    """Best rated first, 50 a page."""
    for records in bench.sizes():
        pairs = places_and_fields(bench, records)
        requests = write_requests(bench.path("list.requests"), [list_request(*pair) for pair in pairs])
        parameters = write_parameters(bench.path("list.parameters"), pairs)
        stub = bench.stub(records)
        check_same(bench, records, lambda region, category: [agency.name for agency in stub.ListAgencies(
            list_message(region, category)).agencies], LIST_SQL, pairs)
        for in_flight in (1, 8, 64) if records == bench.sizes()[0] else (8,):
            yield bench.beside_postgres("list", records, "ListAgencies", requests, LIST_SQL, parameters, in_flight, 0.5,
                                        "side table of place, field, points with its index")


def check_same(bench, records, call, sql, parameters):
    """Both must answer some of the queries with the same records in the same order; SystemExit when they don't."""
    for given in parameters[:20]:
        ours = call(*given)
        theirs = bench.peer(records).ask(sql.replace("SELECT body", "SELECT id").replace("SELECT a.body", "SELECT a.id"),
                                         given)
        if ours != theirs:
            raise SystemExit(f"not the same answer to {given}: {ours} here, {theirs} from PostgreSQL")


def search_request(text):
    return field(1, text) + field(2, 20) + field(5, "rating") + field(6, 1)


def search_message(text):
    from tandem.v1 import agency_service_pb2  # pylint: disable=import-outside-toplevel
    return agency_service_pb2.SearchAgenciesRequest.FromString(search_request(text))


def search(bench, row, sql, what, target):
    texts = queries(row)
    requests = write_requests(bench.path(row + ".requests"), [search_request(text) for text in texts])
    parameters = write_parameters(bench.path(row + ".parameters"), [[text] for text in texts])
    for records in bench.sizes():
        # PostgreSQL's full text takes whole words only, so its answers to words may be fewer.
        if sql == INSIDE_SQL:
            stub = bench.stub(records)
            check_same(bench, records, lambda text: [found.agency.name for found in stub.SearchAgencies(
                search_message(text)).results], sql, [[text] for text in texts])
        yield bench.beside_postgres(row, records, "SearchAgencies", requests, sql, parameters, 8, target, what)


def search_zh2(bench):
    """Two Chinese characters anywhere in a name, the 20 best rated. The target is a cost, whatever PostgreSQL takes."""
    for made in search(bench, "search-zh2", INSIDE_SQL, "LIKE: a trigram index needs three characters", 0.01):
        yield made
        yield absolute("search-zh2", made["records"], made["value"], "us_cpu", 100, "lower")


def search_zh4(bench):
    yield from search(bench, "search-zh4", INSIDE_SQL, "LIKE with a trigram index", 0.7)


def search_en2(bench):
    yield from search(bench, "search-en2", WORDS_SQL, "full text with a GIN index", 0.5)


def flat_shapes(bench, records):
    """Queries by row name: (method, requests). The ones for one record ask for what a directory of that size has."""
    some = {agency.name: agency.display_name for i, agency in enumerate(bench.agencies(records))
            if i % (records // 500) == 0}
    broad = [list_request("regions/%d0000" % province, "serviceCategories/" + category)
             for province in (11, 31, 32, 33, 37, 44) for category in ("elderly", "children", "community")]
    return {
        "flat-get": ("GetAgency", [field(1, name) for name in some]),
        "flat-list-one": ("ListAgencies", [field(2, 50) + field(4, f'name = "{name}"') for name in some]),
        "flat-list-page": ("ListAgencies", broad),
        "flat-search-one": ("SearchAgencies", [search_request(text) for text in some.values()]),
        "flat-search-page": ("SearchAgencies", [search_request(text) for text in queries("search-broad")]),
    }


def flat(bench):
    """The same queries at the smallest and the largest size: ones with one answer, and broad ones that fill a page."""
    small, large = (10_000, 20_000) if bench.small else (10_000, 1_000_000)
    shapes = {records: flat_shapes(bench, records) for records in (small, large)}
    for row in shapes[small]:
        costs = {small: [], large: []}
        for _ in range(bench.rounds):
            for records, cost in costs.items():
                method, messages = shapes[records][row]
                requests = write_requests(bench.path("flat.requests"), messages)
                cost.append(bench.load(bench.filled(records), SERVICE + method, requests, 8)["cpu_us"])
        ratio = statistics.median(b / a for a, b in zip(costs[small], costs[large]))
        yield figure(row, large, statistics.median(costs[large]), "us_cpu", statistics.median(costs[small]),
                     f"the same with {small:,} records", ratio, 1.5, "lower", 8)
