# SPDX-License-Identifier: Apache-2.0
"""Rounds of a few records, made over the API: each test says what differs from the plain case."""

import uuid

import tandem
from google.protobuf import timestamp_pb2
from tandem.v1 import agency_pb2, agency_service_pb2, match_profile_pb2, match_profile_service_pb2
from tandem.v1 import match_run_pb2, match_service_pb2, need_pb2, need_service_pb2, offer_pb2, offer_service_pb2
from tandem.v1 import pairing_pb2, pairing_service_pb2, region_pb2, region_service_pb2, round_pb2, round_service_pb2
from tandem.v1 import service_category_pb2, service_category_service_pb2

SYNTHETIC = {"synthetic": "true"}


def make_directory(client, categories=("elderly", "children"), regions=("west", "east", "south")):
    """What all rounds share: regions x-west and so on, categories, and a profile that scores by field."""
    for region in regions:
        client.regions.CreateRegion(
            region_service_pb2.CreateRegionRequest(
                region_id=f"x-{region}",
                region=region_pb2.Region(
                    display_name=region, code=region, code_scheme="x", level=region_pb2.REGION_LEVEL_PROVINCE
                ),
            )
        )
    for category in categories:
        client.categories.CreateServiceCategory(
            service_category_service_pb2.CreateServiceCategoryRequest(
                service_category_id=category,
                service_category=service_category_pb2.ServiceCategory(display_name=category, taxonomy="t"),
            )
        )
    client.profiles.CreateMatchProfile(
        match_profile_service_pb2.CreateMatchProfileRequest(
            match_profile_id="by-field",
            match_profile=match_profile_pb2.MatchProfile(
                display_name="by field",
                scorers=[match_profile_pb2.ScoreStep(plugin="plugins/category-fit", weight=1, pair_term=True)],
                solver=match_profile_pb2.SolveStep(plugin="plugins/min-cost-flow"),
            ),
        )
    )


class SmallRound:
    """One round with its offers and needs; ids are prefixed by the round's."""

    def __init__(self, client, round_id, corridors=(("c", "east", "west", 0, None),)):
        self.client, self.id, self.name = client, round_id, f"rounds/{round_id}"
        listed = []
        for corridor_id, supporting, receiving, least, most in corridors:
            corridor = round_pb2.Corridor(
                corridor_id=corridor_id,
                supporting_region=f"regions/x-{supporting}",
                receiving_region=f"regions/x-{receiving}",
                min_slots=least,
            )
            if most is not None:
                corridor.max_slots = most
            listed.append(corridor)
        made = round_pb2.Round(display_name=round_id, match_profile="matchProfiles/by-field", corridors=listed)
        client.rounds.CreateRound(round_service_pb2.CreateRoundRequest(round_id=round_id, round=made))
        client.rounds.OpenRound(round_service_pb2.OpenRoundRequest(name=self.name))

    def offer(self, name, slots=1, corridor="c", home="east", category="elderly", level=3, **fields):
        """An agency of its own and its offer; the offer's name."""
        agency = agency_pb2.Agency(
            display_name=f"机构 {name}",
            home_region=f"regions/x-{home}",
            categories=[agency_pb2.CategoryCapability(category=f"serviceCategories/{category}", level=level)],
            labels=SYNTHETIC,
        )
        agency_id = f"{self.id}-{name}"
        self.client.agencies.CreateAgency(agency_service_pb2.CreateAgencyRequest(agency_id=agency_id, agency=agency))
        consent = offer_pb2.Consent(given_by="合成", consent_time=timestamp_pb2.Timestamp(seconds=1767571200))
        offer = offer_pb2.Offer(
            round=self.name, agency=f"agencies/{agency_id}", slots=slots, corridor=corridor,
            state=offer_pb2.OFFER_STATE_SUBMITTED, consent=consent, labels=SYNTHETIC, **fields,
        )  # fmt: skip
        request = offer_service_pb2.CreateOfferRequest(offer_id=agency_id, offer=offer)
        return self.client.offers.CreateOffer(request).name

    def need(self, name, slots=1, region="west", category="elderly", **fields):
        """A need; its name."""
        need = need_pb2.Need(
            round=self.name, region=f"regions/x-{region}", category=f"serviceCategories/{category}", slots=slots,
            state=need_pb2.NEED_STATE_SUBMITTED, labels=SYNTHETIC, **fields,
        )  # fmt: skip
        request = need_service_pb2.CreateNeedRequest(need_id=f"{self.id}-{name}", need=need)
        return self.client.needs.CreateNeed(request).name

    def pairing(self, need, offer, slots=1, state=pairing_pb2.PAIRING_STATE_AGREED):
        """A pairing of before the run: imports alone bring pairings that are past their proposal."""
        pairing = pairing_pb2.Pairing(
            name=f"pairings/{uuid.uuid4()}", round=self.name, need=need, offer=offer, slots=slots, state=state,
            agency="agencies/" + offer.split("/")[1],
        )  # fmt: skip
        result = tandem.import_records(
            self.client.stub("pairings").ImportPairings, pairing_service_pb2.ImportPairingsRequest, [pairing]
        )
        assert not result.errors, result.errors

    def run(self, threads=0):
        """Freezes the round and runs it; the finished run."""
        self.client.rounds.FreezeRound(round_service_pb2.FreezeRoundRequest(name=self.name))
        run = self.client.matches.CreateMatchRun(
            match_service_pb2.CreateMatchRunRequest(
                match_run_id=self.id, match_run=match_run_pb2.MatchRun(round=self.name), threads=threads
            )
        )
        return tandem.wait_for_run(self.client, run.name, 60)

    def plan(self):
        """The pairs of the run: {(offer, need): slots}, and those that are kept."""
        request = match_service_pb2.ListMatchesRequest(parent=f"matchRuns/{self.id}", page_size=1000)
        matches = self.client.matches.ListMatches(request).matches
        return {(m.offer, m.need): m.slots for m in matches}, {(m.offer, m.need) for m in matches if m.fixed}

    def reasons(self, side=match_service_pb2.MATCH_SIDE_NEEDS):
        """Why each need (or offer) got less than it could."""
        request = match_service_pb2.ListMatchOutcomesRequest(
            parent=f"matchRuns/{self.id}", side=side, unmatched_only=True, page_size=1000
        )
        outcomes = self.client.matches.ListMatchOutcomes(request).outcomes
        return {outcome.subject: outcome.main_reason.reason for outcome in outcomes}
