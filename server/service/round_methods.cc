// SPDX-License-Identifier: Apache-2.0

#include "service/round_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "plugin/plugin_registry.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/round_service.pb.h"

namespace tandem::service {
namespace {

using model::Reason;
using model::RecordType;

absl::Status WrongState(const v1::Round& round, std::string_view verb, std::string_view wanted) {
  return model::PreconditionError(
      Reason::kStateWrong,
      StrCat(round.name(), " is ", v1::RoundState_Name(round.state()), "; only ", wanted,
             " round can be ", verb),
      "ROUND_STATE", {round.name()},
      {{"round", round.name()}, {"state", v1::RoundState_Name(round.state())}});
}

// The round as it is, with the row it came from. A deleted one is not found.
struct CurrentRound {
  catalog::RowRef row;
  v1::Round round;
};

absl::StatusOr<CurrentRound> ReadRound(const std::string& id, DirectoryReader* reader) {
  ASSIGN_OR_RETURN(catalog::RowRef row, reader->Find(RecordType::kRound, id));
  if (row.deleted()) return NotFound(RecordType::kRound, id);
  ASSIGN_OR_RETURN(const v1::Round* round, reader->ReadAs<v1::Round>(RecordType::kRound, id));
  return CurrentRound{row, *round};
}

// The plugins of a profile, in the order of its steps, each once.
std::vector<std::string> PluginsOf(const v1::MatchProfile& profile) {
  std::vector<std::string> plugins;
  auto add = [&](const std::string& name) {
    if (name.empty()) return;
    for (const std::string& known : plugins) {
      if (known == name) return;
    }
    plugins.push_back(name);
  };
  for (const v1::FilterStep& step : profile.filters()) add(step.plugin());
  for (const v1::ScoreStep& step : profile.scorers()) add(step.plugin());
  add(profile.solver().plugin());
  return plugins;
}

absl::Status PinPlugins(const v1::MatchProfile& profile, const Directory& directory,
                        v1::RoundPin* pin) {
  std::vector<std::string> plugins = PluginsOf(profile);
  if (plugins.empty()) return absl::OkStatus();
  if (directory.plugins == nullptr) {
    return model::MakeError(Reason::kPluginNotLoaded,
                            StrCat(plugins.front(), ": this server has no plugin directory"),
                            {{"plugin", plugins.front()}});
  }
  std::shared_ptr<const plugin::RegistrySnapshot> snapshot = directory.plugins->Snapshot();
  for (const std::string& name : plugins) {
    ASSIGN_OR_RETURN(std::string id, model::ParseNameIn("plugins", name));
    ASSIGN_OR_RETURN(std::shared_ptr<plugin::Generation> generation, snapshot->Find(id));
    v1::PinnedPlugin* pinned = pin->add_plugins();
    pinned->set_plugin(name);
    pinned->set_version(std::string(generation->manifest().version));
    pinned->set_digest(std::string(generation->digest()));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::RoundPin> MakePin(const v1::Round& round, const Directory& directory,
                                     DirectoryReader* reader,
                                     std::vector<catalog::RecordGuard>* guards) {
  v1::RoundPin pin;
  pin.set_revision(reader->revision());
  int64_t now_ns = absl::ToUnixNanos(directory.clock->Now());
  pin.mutable_freeze_time()->set_seconds(now_ns / 1'000'000'000);
  pin.mutable_freeze_time()->set_nanos(static_cast<int32_t>(now_ns % 1'000'000'000));
  if (round.match_profile().empty()) return pin;
  ASSIGN_OR_RETURN(std::string id,
                   model::ParseNameOf(RecordType::kMatchProfile, round.match_profile()));
  ASSIGN_OR_RETURN(catalog::RowRef row, reader->Find(RecordType::kMatchProfile, id));
  ASSIGN_OR_RETURN(const v1::MatchProfile* profile,
                   reader->ReadAs<v1::MatchProfile>(RecordType::kMatchProfile, id));
  guards->push_back({RecordType::kMatchProfile, id, row.revision()});
  pin.set_match_profile_etag(profile->etag());
  RETURN_IF_ERROR(PinPlugins(*profile, directory, &pin));
  return pin;
}

// One verb: what it asks of the round and what it changes.
using ChangeRound = absl::Status (*)(const Directory& directory, DirectoryReader* reader,
                                     v1::Round* round, std::vector<catalog::RecordGuard>* guards);

absl::Status Open(const Directory& /*directory*/, DirectoryReader* /*reader*/, v1::Round* round,
                  std::vector<catalog::RecordGuard>* /*guards*/) {
  if (round->state() != v1::ROUND_STATE_DRAFT && round->state() != v1::ROUND_STATE_UNSPECIFIED) {
    return WrongState(*round, "opened", "a draft");
  }
  round->set_state(v1::ROUND_STATE_OPEN);
  return absl::OkStatus();
}

absl::Status Freeze(const Directory& directory, DirectoryReader* reader, v1::Round* round,
                    std::vector<catalog::RecordGuard>* guards) {
  if (round->state() != v1::ROUND_STATE_OPEN) return WrongState(*round, "frozen", "an open");
  ASSIGN_OR_RETURN(*round->mutable_pin(), MakePin(*round, directory, reader, guards));
  round->set_state(v1::ROUND_STATE_FROZEN);
  return absl::OkStatus();
}

// OpenRound and FreezeRound have the same request.
void Handle(std::shared_ptr<UnaryCall> call, ChangeRound change) {
  auto request = std::make_shared<v1::OpenRoundRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(RecordType::kRound, request->name());
  if (!id.ok()) return call->Fail(id.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  RunWrite(std::move(call), *std::move(identity),
           [raw, request, change, id = *std::move(id)](
               DirectoryReader* reader) -> absl::StatusOr<catalog::PreparedWrite> {
             const Directory& directory = raw->directory();
             ASSIGN_OR_RETURN(CurrentRound current, ReadRound(id, reader));
             catalog::PreparedWrite write;
             RETURN_IF_ERROR(change(directory, reader, &current.round, &write.guards));
             const model::ResourceTraits* resource = model::FindResource(RecordType::kRound);
             ASSIGN_OR_RETURN(
                 Preparation prepared,
                 PrepareReplacement({resource, "", directory.clock->Now(), reader}, id,
                                    current.row.revision(),
                                    std::make_unique<v1::Round>(current.round), request->etag()));
             write.records.push_back(std::move(prepared.record));
             return write;
           });
}

}  // namespace

void HandleOpenRound(std::shared_ptr<UnaryCall> call) { Handle(std::move(call), Open); }

void HandleFreezeRound(std::shared_ptr<UnaryCall> call) { Handle(std::move(call), Freeze); }

}  // namespace tandem::service
