# SPDX-License-Identifier: Apache-2.0
"""What every client must be able to do, step by step against a real server.

Usage: client_scenario.py HOST:PORT ADMIN_SOCKET  (an empty directory with the bundled plugins). Prints one
line a step; ends with a non-zero code at the first step that goes otherwise than it should.
"""

import sys

import tandem
from google.protobuf import field_mask_pb2, timestamp_pb2
from tandem.v1 import agency_pb2, agency_service_pb2, change_service_pb2
from tandem.v1 import match_profile_pb2, match_profile_service_pb2
from tandem.v1 import match_run_pb2, match_service_pb2, need_pb2, need_service_pb2, offer_pb2, offer_service_pb2
from tandem.v1 import plugin_pb2, plugin_service_pb2, region_pb2, region_service_pb2, round_pb2, round_service_pb2
from tandem.v1 import service_category_pb2, service_category_service_pb2

SYNTHETIC = {"synthetic": "true"}


def check(step, good, found=None):
    print(f"{'ok' if good else 'WRONG'}  {step}")
    if not good:
        sys.exit(f"{step}: found {found!r}")


def expect(step, kind, reason, call):
    """`call` must raise `kind` with the server's `reason`; answers the error."""
    try:
        found = call()
    except tandem.TandemError as error:
        check(step, isinstance(error, kind) and error.reason == reason, error)
        return error
    check(step, False, found)
    return None


def create_base(client):
    for code, name in (("330000", "浙江省"), ("630000", "青海省")):
        region = client.regions.CreateRegion(
            region_service_pb2.CreateRegionRequest(
                region_id=code,
                region=region_pb2.Region(
                    display_name=name, code=code, level=region_pb2.REGION_LEVEL_PROVINCE
                ),
            )
        )
        check(f"create region {code}", region.name == f"regions/{code}" and region.etag, region)
    category = client.categories.CreateServiceCategory(
        service_category_service_pb2.CreateServiceCategoryRequest(
            service_category_id="elderly",
            service_category=service_category_pb2.ServiceCategory(
                display_name="老年社会工作", taxonomy="tandem-fields"
            ),
        )
    )
    check("create a category", category.name == "serviceCategories/elderly", category)


def create_agencies(client):
    for number, points in enumerate((910, 640, 720)):
        agency = client.agencies.CreateAgency(
            agency_service_pb2.CreateAgencyRequest(
                agency_id=f"a-{number}",
                agency=agency_pb2.Agency(
                    display_name=f"机构 {number}",
                    home_region="regions/330000",
                    assessment=agency_pb2.Assessment(points=points),
                    categories=[agency_pb2.CategoryCapability(category="serviceCategories/elderly", level=4)],
                    labels=SYNTHETIC,
                ),
            )
        )
        check(f"create agency {number}", agency.assessment.points == points, agency)


def list_filtered(client):
    request = agency_service_pb2.ListAgenciesRequest(
        filter="assessment.points >= 700", order_by="assessment.points desc", page_size=1
    )
    pages = list(tandem.pages(client.agencies.ListAgencies, request))
    names = [agency.name for page in pages for agency in page.agencies]
    check("list with filter and order", names == ["agencies/a-0", "agencies/a-2"], names)
    check("pages of one", [len(page.agencies) for page in pages][:2] == [1, 1], len(pages))
    error = expect(
        "a filter over an unknown field",
        tandem.InvalidError,
        "FILTER_INVALID",
        lambda: client.agencies.ListAgencies(agency_service_pb2.ListAgenciesRequest(filter="ratign > 3")),
    )
    check("the error has words for people", bool(error.message))
    other = agency_service_pb2.ListAgenciesRequest(page_size=1, page_token=pages[0].next_page_token)
    expect(
        "a page token of another list",
        tandem.InvalidError,
        "PAGE_TOKEN_MISMATCH",
        lambda: client.agencies.ListAgencies(other),
    )


def update_with_etag(client):
    agency = client.agencies.GetAgency(agency_service_pb2.GetAgencyRequest(name="agencies/a-1"))
    old_etag = agency.etag
    mask = field_mask_pb2.FieldMask(paths=["display_name"])

    def update(etag, name):
        changed = agency_pb2.Agency(name="agencies/a-1", etag=etag, display_name=name)
        return client.agencies.UpdateAgency(
            agency_service_pb2.UpdateAgencyRequest(agency=changed, update_mask=mask)
        )

    updated = update(old_etag, "新名")
    check(
        "update with etag and mask",
        updated.display_name == "新名" and updated.assessment.points == 640 and updated.etag != old_etag,
        updated,
    )
    error = expect(
        "update with the old etag", tandem.ConflictError, "ETAG_MISMATCH", lambda: update(old_etag, "太晚")
    )
    check("the error tells the etag now", updated.etag in error.metadata.values(), error.metadata)
    check("an update that changes nothing keeps the etag", update(updated.etag, "新名").etag == updated.etag)


def refuse_wrong(client):
    error = expect(
        "create with wrong fields",
        tandem.InvalidError,
        "FIELD_INVALID",
        lambda: client.agencies.CreateAgency(
            agency_service_pb2.CreateAgencyRequest(
                agency=agency_pb2.Agency(assessment=agency_pb2.Assessment(points=5000))
            )
        ),
    )
    fields = {violation.field for violation in error.violations}
    check("every wrong field is named", fields == {"agency.display_name", "agency.assessment.points"}, fields)
    expect(
        "get what is not there",
        tandem.NotFoundError,
        "RESOURCE_NOT_FOUND",
        lambda: client.agencies.GetAgency(agency_service_pb2.GetAgencyRequest(name="agencies/none")),
    )
    expect(
        "delete what others refer to",
        tandem.PreconditionError,
        "RESOURCE_IN_USE",
        lambda: client.regions.DeleteRegion(region_service_pb2.DeleteRegionRequest(name="regions/330000")),
    )


def delete_and_undelete(client):
    def listed(**arguments):
        page = client.agencies.ListAgencies(agency_service_pb2.ListAgenciesRequest(page_size=1000, **arguments))
        return [agency.name for agency in page.agencies]

    client.agencies.DeleteAgency(agency_service_pb2.DeleteAgencyRequest(name="agencies/a-2"))
    check("delete hides", "agencies/a-2" not in listed())
    check("show_deleted shows", "agencies/a-2" in listed(show_deleted=True))
    client.agencies.UndeleteAgency(agency_service_pb2.UndeleteAgencyRequest(name="agencies/a-2"))
    check("undelete brings back", "agencies/a-2" in listed())


def import_many(client):
    def records():
        for number in range(5000):
            yield agency_pb2.Agency(
                name=f"agencies/i-{number}",
                display_name="" if number % 1000 == 7 else f"导入 {number}",
                home_region="regions/330000",
                labels=SYNTHETIC,
            )

    def run(**arguments):
        return tandem.import_records(
            client.stub("agencies").ImportAgencies,
            agency_service_pb2.ImportAgenciesRequest,
            records(),
            **arguments,
        )

    counts = run(validate_only=True).counts
    check("import: a check of everything", (counts.created, counts.failed) == (4995, 5), counts)
    result = run()
    counts = result.counts
    check("import: 4,995 created, 5 refused", (counts.created, counts.failed) == (4995, 5), counts)
    check(
        "import: refused records by number",
        [error.number for error in result.errors] == [8, 1008, 2008, 3008, 4008],
        result.errors,
    )
    check("import: with reason", {error.reason for error in result.errors} == {"FIELD_INVALID"}, result.errors)
    found = client.agencies.GetAgency(agency_service_pb2.GetAgencyRequest(name="agencies/i-4999"))
    check("import: the last record is there", found.display_name == "导入 4999", found)


def load_plugins(admin):
    for plugin in ("plugins/category-fit", "plugins/min-cost-flow"):
        admin.plugins.LoadPlugin(plugin_service_pb2.LoadPluginRequest(name=plugin))
        enabled = admin.plugins.EnablePlugin(plugin_service_pb2.EnablePluginRequest(name=plugin))
        check(f"load and enable {plugin}", enabled.state == plugin_pb2.PLUGIN_STATE_ENABLED, enabled)


def watch_and_resume(client):
    request = change_service_pb2.WatchRequest(collections=["serviceCategories"], start_revision=1)
    steps = tandem.watch(client, request)
    first = next(steps)
    check("the first change", first.events[0].name == "serviceCategories/elderly", first)
    check("its record", first.events[0].record.service_category.display_name == "老年社会工作", first)
    while not first.history:
        first = next(steps)
    steps.close()
    client.categories.UpdateServiceCategory(
        service_category_service_pb2.UpdateServiceCategoryRequest(
            service_category=service_category_pb2.ServiceCategory(
                name="serviceCategories/elderly", definition="watched"
            ),
            update_mask=field_mask_pb2.FieldMask(paths=["definition"]),
        )
    )
    request.start_revision = first.revision + 1
    steps = tandem.watch(client, request)
    event = next(steps).events[0]
    check("going on", event.record.service_category.definition == "watched", event)
    steps.close()
    request.start_revision = 7 << 40
    expect(
        "another history", tandem.PreconditionError, "HISTORY_CHANGED", lambda: next(tandem.watch(client, request))
    )


def open_round(client):
    client.profiles.CreateMatchProfile(
        match_profile_service_pb2.CreateMatchProfileRequest(
            match_profile_id="p",
            match_profile=match_profile_pb2.MatchProfile(
                display_name="规则",
                scorers=[match_profile_pb2.ScoreStep(plugin="plugins/category-fit", weight=1, pair_term=True)],
                solver=match_profile_pb2.SolveStep(plugin="plugins/min-cost-flow"),
            ),
        )
    )
    client.rounds.CreateRound(
        round_service_pb2.CreateRoundRequest(
            round_id="r",
            round=round_pb2.Round(
                display_name="第一批",
                match_profile="matchProfiles/p",
                corridors=[
                    round_pb2.Corridor(
                        corridor_id="zhe-qing",
                        supporting_region="regions/330000",
                        receiving_region="regions/630000",
                        max_slots=5,
                    )
                ],
            ),
        )
    )
    opened = client.rounds.OpenRound(round_service_pb2.OpenRoundRequest(name="rounds/r"))
    check("open a round", opened.state == round_pb2.ROUND_STATE_OPEN, opened)


def apply_and_freeze(client):
    now = timestamp_pb2.Timestamp(seconds=1767571200)
    client.offers.CreateOffer(
        offer_service_pb2.CreateOfferRequest(
            offer_id="o",
            offer=offer_pb2.Offer(
                round="rounds/r",
                agency="agencies/a-0",
                slots=2,
                corridor="zhe-qing",
                state=offer_pb2.OFFER_STATE_SUBMITTED,
                consent=offer_pb2.Consent(given_by="合成 synthetic", consent_time=now),
                labels=SYNTHETIC,
            ),
        )
    )
    client.needs.CreateNeed(
        need_service_pb2.CreateNeedRequest(
            need_id="n",
            need=need_pb2.Need(
                round="rounds/r",
                region="regions/630000",
                category="serviceCategories/elderly",
                slots=3,
                state=need_pb2.NEED_STATE_SUBMITTED,
                labels=SYNTHETIC,
            ),
        )
    )
    frozen = client.rounds.FreezeRound(round_service_pb2.FreezeRoundRequest(name="rounds/r"))
    check("freeze pins the plugins", len(frozen.pin.plugins) == 2, frozen.pin)


def run_and_explain(client):
    client.matches.CreateMatchRun(
        match_service_pb2.CreateMatchRunRequest(
            match_run_id="m", match_run=match_run_pb2.MatchRun(round="rounds/r")
        )
    )
    run = tandem.wait_for_run(client, "matchRuns/m")
    check("the run succeeds", run.state == match_run_pb2.MATCH_RUN_STATE_SUCCEEDED, run)
    check("the run is verified", run.verification.verified and not run.degraded, run.verification)
    pairs = client.matches.ListMatches(match_service_pb2.ListMatchesRequest(parent="matchRuns/m")).matches
    found = [(pair.offer, pair.need, pair.slots) for pair in pairs]
    check("the plan", found == [("offers/o", "needs/n", 2)], found)
    answer = client.matches.ExplainMatch(match_service_pb2.ExplainMatchRequest(name=pairs[0].name))
    parts = [part.plugin for part in answer.match.parts]
    check("explain: the parts of the score", parts == ["plugins/category-fit"], answer)
    check("explain: facts for people", bool(answer.match.facts) and bool(answer.match.facts[0].text_zh), answer)
    check("explain: what is still missing", answer.need_outcome.matched_slots == 2, answer.need_outcome)
    report = client.matches.VerifyMatchRun(match_service_pb2.VerifyMatchRunRequest(name="matchRuns/m"))
    check("verify again", report.verified, report)


def main():
    with tandem.connect(sys.argv[1]) as client, tandem.connect(f"unix:{sys.argv[2]}") as admin:
        for step in (create_base, create_agencies, list_filtered, update_with_etag, refuse_wrong):
            step(client)
        delete_and_undelete(client)
        import_many(client)
        watch_and_resume(client)
        load_plugins(admin)
        open_round(client)
        apply_and_freeze(client)
        run_and_explain(client)
    print("all steps as they should be")


if __name__ == "__main__":
    main()
