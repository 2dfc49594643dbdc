// SPDX-License-Identifier: Apache-2.0

#include "plugin/manifest.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/json_util.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "plugin/elf_image.h"
#include "sdk/tandem_plugin.h"
#include "tandem/storage/v1/plugin_manifest.pb.h"

namespace tandem::plugin {
namespace {

using ManifestProto = storage::v1::PluginManifest;
using model::MakeError;
using model::Reason;

constexpr int kMaxEntries = 256;
constexpr size_t kMaxText = 200;

absl::Status Refused(std::string_view field, std::string_view what) {
  return MakeError(Reason::kPluginRefused, StrCat("manifest.json: ", field, ": ", what),
                   {{"field", field}});
}

bool SplitVersion(std::string_view text, std::tuple<uint32_t, uint32_t, uint32_t>* out) {
  std::vector<std::string> parts = absl::StrSplit(ToAbsl(text), '.');
  uint32_t numbers[3];
  if (parts.size() != 3) return false;
  for (size_t i = 0; i < 3; ++i) {
    if (parts[i].empty() || parts[i].size() > 9 ||
        !std::all_of(parts[i].begin(), parts[i].end(), absl::ascii_isdigit) ||
        !absl::SimpleAtoi(parts[i], &numbers[i])) {
      return false;
    }
  }
  *out = {numbers[0], numbers[1], numbers[2]};
  return true;
}

absl::StatusOr<std::vector<ReadColumn>> ParseReads(
    std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& reads) {
  std::vector<ReadColumn> columns;
  std::set<std::string> seen;
  for (const std::string& read : reads) {
    std::pair<std::string, std::string> parts = absl::StrSplit(read, absl::MaxSplits(':', 1));
    bool known = false;
    ReadColumn column;
    for (uint32_t type = 1; !ColumnTypeName(static_cast<ColumnType>(type)).empty(); ++type) {
      if (ColumnTypeName(static_cast<ColumnType>(type)) == parts.second) {
        column.type = static_cast<ColumnType>(type);
        known = true;
      }
    }
    if (parts.first.empty() || parts.first.size() > kMaxText || !known) {
      return Refused(field, StrCat("'", read, "' is not name:type"));
    }
    if (!seen.insert(parts.first).second) return Refused(field, StrCat(read, " twice"));
    column.name = std::string(parts.first);
    columns.push_back(std::move(column));
  }
  return columns;
}

absl::Status ParseFiles(const ManifestProto& proto, Manifest* out) {
  for (const auto& [path, hash] : proto.files()) {
    absl::string_view digest = hash;
    bool ok = absl::ConsumePrefix(&digest, "sha256:") && digest.size() == 64 &&
              std::all_of(digest.begin(), digest.end(), absl::ascii_isxdigit);
    if (!ok) return Refused("files", StrCat(path, " has no sha256:<64 digits>"));
    for (absl::string_view part : absl::StrSplit(path, '/')) {
      // The system's calls would end a path at a NUL; other control characters help nobody.
      const bool control = std::any_of(part.begin(), part.end(), absl::ascii_iscntrl);
      if (part.empty() || part == "." || part == ".." || control) {
        return Refused("files", StrCat("'", path, "' is not a path inside the bundle"));
      }
    }
    out->files[path] = absl::AsciiStrToLower(digest);
  }
  if (out->files.count("lib/plugin.so") == 0) return Refused("files", "lib/plugin.so is missing");
  return absl::OkStatus();
}

absl::Status ParseStages(const ManifestProto& proto, Manifest* out) {
  std::set<std::string> seen;
  for (const std::string& stage : proto.stages()) {
    if (stage != TANDEM_STAGE_FILTER && stage != TANDEM_STAGE_SCORE &&
        stage != TANDEM_STAGE_ASSIGN) {
      return Refused("stages", StrCat("'", stage, "' is not a stage of this host"));
    }
    if (!seen.insert(stage).second) return Refused("stages", StrCat(stage, " twice"));
    out->stages.push_back(stage);
  }
  if (out->stages.empty()) return Refused("stages", "none");
  if (out->HasStage(TANDEM_STAGE_SCORE)) {
    if (proto.score().range_size() != 2) return Refused("score.range", "must be [low, high]");
    out->score_low = proto.score().range(0);
    out->score_high = proto.score().range(1);
    if (!std::isfinite(out->score_low) || !std::isfinite(out->score_high) ||
        !(out->score_low < out->score_high)) {
      return Refused("score.range", "must be two finite numbers, the lower first");
    }
    const std::string& better = proto.score().better();
    if (better != "" && better != "higher" && better != "lower") {
      return Refused("score.better", "must be higher or lower");
    }
    out->higher_is_better = better != "lower";
  } else if (proto.has_score()) {
    return Refused("score", "only with tandem.score/1");
  }
  if (!out->HasStage(TANDEM_STAGE_FILTER) && proto.reasons_size() > 0) {
    return Refused("reasons", "only with tandem.filter/1");
  }
  for (const std::string& reason : proto.reasons()) {
    if (reason.empty() || reason.size() > kMaxText)
      return Refused("reasons", "an empty or long text");
    out->reasons.push_back(reason);
  }
  return absl::OkStatus();
}

absl::Status ParseLimits(const ManifestProto& proto, Manifest* out) {
  const ManifestProto::Limits& limits = proto.limits();
  if (limits.memory_mb() < 0 || limits.call_ms() < 0 || limits.threads() < 0 ||
      limits.memory_mb() > (1 << 20) || limits.threads() > 1024) {
    return Refused("limits", "out of range");
  }
  if (limits.memory_mb() > 0) out->memory_mb = static_cast<uint64_t>(limits.memory_mb());
  if (limits.call_ms() > 0) out->call_limit = absl::Milliseconds(limits.call_ms());
  out->threads = static_cast<uint32_t>(std::max(1, limits.threads()));
  return absl::OkStatus();
}

}  // namespace

bool Manifest::HasStage(std::string_view stage) const {
  return std::find(stages.begin(), stages.end(), stage) != stages.end();
}

bool VersionLess(std::string_view a, std::string_view b) {
  std::tuple<uint32_t, uint32_t, uint32_t> va, vb;
  bool a_ok = SplitVersion(a, &va);
  bool b_ok = SplitVersion(b, &vb);
  if (a_ok != b_ok) return b_ok;
  if (!a_ok) return a < b;
  return va < vb;
}

bool IsPluginId(std::string_view id) {
  if (id.empty() || id.size() > 63 || id.front() == '-' || id.back() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
}

absl::StatusOr<Manifest> ParseManifest(std::string_view json) {
  ManifestProto proto;
  google::protobuf::util::JsonParseOptions strict;
  auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &proto, strict);
  if (!parsed.ok()) {
    return Refused("syntax", std::string_view(parsed.message().data(), parsed.message().size()));
  }
  if (proto.manifest() != 1) return Refused("manifest", "must be 1");
  if (!IsPluginId(proto.id())) return Refused("id", StrCat("'", proto.id(), "' is not an id"));
  std::tuple<uint32_t, uint32_t, uint32_t> unused;
  if (!SplitVersion(proto.version(), &unused)) {
    return Refused("version", StrCat("'", proto.version(), "' is not major.minor.patch"));
  }
  if (proto.summary().size() > kMaxText) return Refused("summary", "longer than 200 bytes");
  if (proto.kind() != "native") return Refused("kind", "must be native");
  if (proto.files_size() > kMaxEntries || proto.reasons_size() > kMaxEntries ||
      proto.reads().needs_size() > kMaxEntries || proto.reads().offers_size() > kMaxEntries) {
    return Refused("files, reasons, reads", "more than 256 entries");
  }
  Manifest out;
  out.id = proto.id();
  out.version = proto.version();
  out.summary = proto.summary();
  out.pure = proto.pure();
  const std::string& threading = proto.threading();
  if (threading != "" && threading != "single" && threading != "per-instance" &&
      threading != "free") {
    return Refused("threading", "must be single, per-instance or free");
  }
  if (proto.abi().major() < 0 || proto.abi().needs_minor() < 0) return Refused("abi", "negative");
  out.abi_major = static_cast<uint32_t>(proto.abi().major());
  out.abi_needs_minor = static_cast<uint32_t>(proto.abi().needs_minor());
  RETURN_IF_ERROR(CheckAbi(out.id, out.abi_major, out.abi_needs_minor));
  if (proto.arch() != HostArch()) {
    return MakeError(Reason::kPluginAbi, StrCat(out.id, " is built for ", proto.arch(),
                                                ", this server runs on ", HostArch()));
  }
  RETURN_IF_ERROR(ParseFiles(proto, &out));
  RETURN_IF_ERROR(ParseStages(proto, &out));
  RETURN_IF_ERROR(ParseLimits(proto, &out));
  ASSIGN_OR_RETURN(out.reads_needs, ParseReads("reads.needs", proto.reads().needs()));
  ASSIGN_OR_RETURN(out.reads_offers, ParseReads("reads.offers", proto.reads().offers()));
  return out;
}

}  // namespace tandem::plugin
