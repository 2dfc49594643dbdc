// SPDX-License-Identifier: Apache-2.0

#include "service/plugin_methods.h"

#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "tandem/v1/plugin_service.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::service {
namespace {

using model::Reason;
using model::RecordType;
using plugin::PluginRegistry;

constexpr std::string_view kService = "tandem.v1.PluginService/";

absl::Status NoPluginDirectory() {
  return model::MakeError(Reason::kPluginNotFound, "this server was started without --plugin-dir");
}

v1::PluginState StateOf(const plugin::PluginDescription& description) {
  bool has_load = description.state != plugin::PluginState::kInstalled;
  if (has_load && !description.process.running) return v1::PLUGIN_STATE_RESTARTING;
  switch (description.state) {
    case plugin::PluginState::kLoaded:
      return v1::PLUGIN_STATE_LOADED;
    case plugin::PluginState::kEnabled:
      return v1::PLUGIN_STATE_ENABLED;
    case plugin::PluginState::kInstalled:
      break;
  }
  return description.manifest == nullptr ? v1::PLUGIN_STATE_BROKEN : v1::PLUGIN_STATE_INSTALLED;
}

// A round that is frozen and pinned the plugin: taking the plugin away would make its runs
// impossible to repeat.
absl::Status CheckNotPinned(const Directory& directory, const std::string& plugin) {
  DirectoryReader reader(directory, /*may_block=*/true);
  std::vector<std::string> ids;
  reader.view().ForEach(RecordType::kRound, [&](catalog::RowRef row) {
    if (!row.deleted()) ids.emplace_back(row.id());
  });
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(const v1::Round* round, reader.ReadAs<v1::Round>(RecordType::kRound, id));
    if (round->state() != v1::ROUND_STATE_FROZEN &&
        round->state() != v1::ROUND_STATE_PUBLIC_NOTICE) {
      continue;
    }
    for (const v1::PinnedPlugin& pinned : round->pin().plugins()) {
      if (pinned.plugin() != plugin) continue;
      return model::PreconditionError(
          Reason::kPluginInUse, StrCat(round->name(), " is frozen and pinned ", plugin),
          "PINNED_BY", {round->name()}, {{"plugin", plugin}, {"round", round->name()}});
    }
  }
  return absl::OkStatus();
}

// Runs `change` on the plugin's id and answers the plugin as it is then.
template <typename Request, typename Change>
UnaryHandler Verb(Change change) {
  return [change](std::shared_ptr<UnaryCall> call) {
    auto request = std::make_shared<Request>();
    if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
    if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
      return call->Fail(allowed);
    }
    absl::StatusOr<std::string> id = model::ParseNameIn("plugins", request->name());
    if (!id.ok()) return call->Fail(id.status());
    PluginRegistry* registry = call->directory().plugins;
    if (registry == nullptr) return call->Fail(NoPluginDirectory());
    RunOnWorker(call, [call, request, registry, change, id = *std::move(id)] {
      absl::Status changed = change(*request, id, registry, call->directory());
      if (!changed.ok()) return call->Fail(changed);
      absl::StatusOr<plugin::PluginDescription> description = registry->Describe(id);
      if (!description.ok()) return call->Fail(description.status());
      call->Reply(ToPlugin(*description), call->directory().catalog->revision());
    });
  };
}

void HandleListPlugins(std::shared_ptr<UnaryCall> call) {
  v1::ListPluginsRequest request;
  if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
  if (!request.parent().empty() || request.page_size() < 0) {
    return call->Fail(model::FieldsInvalid(
        {{request.parent().empty() ? "page_size" : "parent",
          request.parent().empty() ? "is negative" : "must be empty: plugins lie at the top"}}));
  }
  // All plugins of a server fit on one page; there never is a second one to ask for.
  if (!request.page_token().empty()) {
    return call->Fail(model::MakeError(Reason::kPageTokenInvalid, "plugins come on one page"));
  }
  RunOnWorker(call, [call] {
    v1::ListPluginsResponse response;
    if (PluginRegistry* registry = call->directory().plugins; registry != nullptr) {
      for (const plugin::PluginDescription& description : registry->List()) {
        *response.add_plugins() = ToPlugin(description);
      }
    }
    response.set_revision(call->directory().catalog->revision());
    call->Reply(response, response.revision());
  });
}

}  // namespace

v1::Plugin ToPlugin(const plugin::PluginDescription& description) {
  v1::Plugin plugin;
  plugin.set_name(StrCat("plugins/", description.id));
  plugin.set_state(StateOf(description));
  plugin.set_version(description.version);
  plugin.set_digest(description.digest);
  plugin.set_generation(static_cast<int64_t>(description.generation));
  plugin.set_signer(description.signer);
  plugin.set_sandbox(description.process.sandbox);
  plugin.set_process_id(description.process.pid);
  plugin.set_crash_count(static_cast<int64_t>(description.process.crashes));
  plugin.set_last_failure(description.last_failure);
  plugin.set_call_count(static_cast<int64_t>(description.process.calls));
  if (description.manifest == nullptr) return plugin;
  const plugin::Manifest& manifest = *description.manifest;
  plugin.set_display_name(manifest.summary);
  for (const std::string& stage : manifest.stages) plugin.add_stages(stage);
  for (const plugin::ReadColumn& column : manifest.reads_needs) {
    plugin.add_reads(StrCat("needs.", column.name));
  }
  for (const plugin::ReadColumn& column : manifest.reads_offers) {
    plugin.add_reads(StrCat("offers.", column.name));
  }
  if (manifest.HasStage("score")) {
    plugin.set_score_range(StrCat(manifest.score_low, "..", manifest.score_high));
  }
  return plugin;
}

void AddPluginMethods(HandlerTable* table) {
  auto add = [&](std::string_view method, UnaryHandler handler) {
    table->unary.emplace(StrCat(kService, method), std::move(handler));
  };
  add("ListPlugins", HandleListPlugins);
  add("DescribePlugin",
      Verb<v1::DescribePluginRequest>([](const auto&, const std::string&, PluginRegistry*,
                                         const Directory&) { return absl::OkStatus(); }));
  add("LoadPlugin", Verb<v1::LoadPluginRequest>([](const auto& request, const std::string& id,
                                                   PluginRegistry* registry,
                                                   const Directory& directory) -> absl::Status {
        // Another version in place of a pinned one would break the pin.
        if (!request.version().empty()) RETURN_IF_ERROR(CheckNotPinned(directory, request.name()));
        return registry->Load(request.version().empty() ? id : StrCat(id, "@", request.version()));
      }));
  add("EnablePlugin",
      Verb<v1::EnablePluginRequest>([](const auto&, const std::string& id, PluginRegistry* registry,
                                       const Directory&) { return registry->Enable(id); }));
  add("DisablePlugin", Verb<v1::DisablePluginRequest>(
                           [](const auto& request, const std::string& id, PluginRegistry* registry,
                              const Directory& directory) -> absl::Status {
                             RETURN_IF_ERROR(CheckNotPinned(directory, request.name()));
                             return registry->Disable(id);
                           }));
  add("UnloadPlugin", Verb<v1::UnloadPluginRequest>(
                          [](const auto&, const std::string& id, PluginRegistry* registry,
                             const Directory&) { return registry->Unload(id, /*force=*/false); }));
}

}  // namespace tandem::service
