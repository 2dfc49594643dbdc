// SPDX-License-Identifier: Apache-2.0

// A bundle's manifest after every rule has been checked. Plain data; made by ParseManifest only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "plugin/column_set.h"

namespace tandem::plugin {

// A column the plugin asks for.
struct ReadColumn {
  std::string name;
  ColumnType type = ColumnType::kF64;
};

struct Manifest {
  std::string id;
  std::string version;
  std::string summary;
  uint32_t abi_major = 0;
  uint32_t abi_needs_minor = 0;
  std::map<std::string, std::string> files;  // path to lower-case SHA-256
  std::vector<std::string> stages;
  double score_low = 0;
  double score_high = 0;
  bool higher_is_better = true;
  std::vector<std::string> reasons;
  std::vector<ReadColumn> reads_needs;
  std::vector<ReadColumn> reads_offers;
  bool pure = false;
  uint64_t memory_mb = 256;
  absl::Duration call_limit = absl::InfiniteDuration();
  uint32_t threads = 1;

  // Whether `stage` (a stage id) is listed.
  bool HasStage(std::string_view stage) const;
};

// "1.10.0" after "1.9.0"; texts that are no versions sort before all versions.
bool VersionLess(std::string_view a, std::string_view b);

// Whether `id` is a plugin id.
bool IsPluginId(std::string_view id);

// Reads manifest.json. PLUGIN_REFUSED naming the field, PLUGIN_ABI for another ABI or machine.
absl::StatusOr<Manifest> ParseManifest(std::string_view json);

}  // namespace tandem::plugin
