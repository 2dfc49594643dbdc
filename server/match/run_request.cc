// SPDX-License-Identifier: Apache-2.0

#include "match/run_request.h"

#include <openssl/sha.h>

#include <utility>
#include <vector>

#include "match/record_source.h"
#include "match/stage_plugin.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "tandem/v1/round.pb.h"

namespace tandem::match {
namespace {

using model::Reason;
using model::RecordType;

std::string Sha256Of(v1::CreateMatchRunRequest request) {
  request.clear_request_id();
  const std::string bytes = model::SerializeCanonical(request);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

absl::Status CheckRound(const v1::Round& round) {
  if (round.state() != v1::ROUND_STATE_CLOSED && round.state() != v1::ROUND_STATE_CANCELLED) {
    return absl::OkStatus();
  }
  return model::MakeError(
      Reason::kStateWrong,
      StrCat(round.name(), " is ", v1::RoundState_Name(round.state()), ": no run is made for it"),
      {{"name", round.name()}, {"state", v1::RoundState_Name(round.state())}});
}

absl::Status CheckBaseRun(const RecordSource& source, const v1::MatchRun& run) {
  if (run.base_run().empty()) return absl::OkStatus();
  v1::MatchRun base;
  RETURN_IF_ERROR(source.ReadByName(RecordType::kMatchRun, run.base_run(), &base));
  if (base.round() != run.round()) {
    return model::FieldsInvalid(
        {{"match_run.base_run", StrCat(run.base_run(), " was made for another round")}});
  }
  if (base.state() != v1::MATCH_RUN_STATE_SUCCEEDED) {
    return model::MakeError(Reason::kStateWrong, StrCat(run.base_run(), " has no result"),
                            {{"name", run.base_run()}});
  }
  return absl::OkStatus();
}

absl::Status CheckPlugins(const StagePlugins& plugins, const v1::MatchProfile& profile,
                          const v1::Round& round) {
  std::vector<std::string> names;
  for (const v1::FilterStep& step : profile.filters()) names.push_back(step.plugin());
  for (const v1::ScoreStep& step : profile.scorers()) names.push_back(step.plugin());
  if (!profile.solver().plugin().empty()) names.push_back(profile.solver().plugin());
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(std::shared_ptr<StagePlugin> plugin, plugins.Find(PluginIdOf(name)));
    for (const v1::PinnedPlugin& pinned : round.pin().plugins()) {
      if (pinned.plugin() != name || pinned.digest() == plugin->digest()) continue;
      return model::MakeError(Reason::kRoundFrozen,
                              StrCat(round.name(), " pinned ", name, " ", pinned.version(),
                                     "; what is enabled now is version ",
                                     plugin->manifest().version, " with other bytes"),
                              {{"round", round.name()}, {"plugin", name}});
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<NewRun> PrepareRun(const MatchRunsParts& parts,
                                  const v1::CreateMatchRunRequest& request) {
  NewRun made;
  made.request_sha256 = Sha256Of(request);
  made.run = request.match_run();
  v1::MatchRun& run = made.run;
  const DirectorySource source(parts.catalog->view(), parts.reader);
  v1::Round round;
  if (!run.round().empty()) {
    RETURN_IF_ERROR(source.ReadByName(RecordType::kRound, run.round(), &round));
    RETURN_IF_ERROR(CheckRound(round));
  }
  if (run.match_profile().empty()) run.set_match_profile(round.match_profile());
  v1::MatchProfile profile;
  if (!run.match_profile().empty()) {
    RETURN_IF_ERROR(source.ReadByName(RecordType::kMatchProfile, run.match_profile(), &profile));
  }
  const bool pinned = !round.pin().match_profile_etag().empty();
  if (pinned && run.match_profile() == round.match_profile() &&
      profile.etag() != round.pin().match_profile_etag()) {
    return model::MakeError(
        Reason::kRoundFrozen,
        StrCat(round.name(), " pinned another version of ", run.match_profile()),
        {{"round", round.name()}, {"profile", run.match_profile()}});
  }
  RETURN_IF_ERROR(CheckBaseRun(source, run));
  const EnabledPlugins plugins(parts.plugins == nullptr ? nullptr : parts.plugins->Snapshot());
  RETURN_IF_ERROR(CheckPlugins(plugins, profile, round));

  const std::string id =
      request.match_run_id().empty() ? model::MakeRandomId() : request.match_run_id();
  run.set_name(model::FormatName(RecordType::kMatchRun, id));
  run.set_uid(model::MakeUuid());
  run.set_state(v1::MATCH_RUN_STATE_QUEUED);
  return made;
}

}  // namespace tandem::match
