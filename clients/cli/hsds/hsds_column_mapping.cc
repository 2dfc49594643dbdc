// SPDX-License-Identifier: Apache-2.0

#include "fmt/format.h"
#include "yaml-cpp/yaml.h"

#include "cli/hsds/hsds_entities.h"
#include "cli/hsds/hsds_reader.h"
#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

absl::Status Wrong(const std::string& path, const YAML::Mark& mark, const std::string& why) {
  return client::MakeClientError(
      absl::StatusCode::kInvalidArgument, "FILE_INVALID",
      fmt::format("{}:{}:{}: {}", path, mark.line + 1, mark.column + 1, why));
}

}  // namespace

// file: column: {model, field, foreign_key_name, foreign_key_value}
absl::StatusOr<HsdsColumnMapping> ReadHsdsColumnMapping(const std::string& path) {
  HsdsColumnMapping mapping;
  // yaml-cpp reports by exceptions; they end here.
  try {
    const YAML::Node root = YAML::LoadFile(path);
    if (!root.IsMap()) return Wrong(path, root.Mark(), "must be a mapping of files");
    for (const auto& file : root) {
      if (!file.second.IsMap())
        return Wrong(path, file.second.Mark(), "must be a mapping of columns");
      for (const auto& column : file.second) {
        const YAML::Node& to = column.second;
        if (!to.IsMap() || !to["model"] || !to["field"]) {
          return Wrong(path, to.Mark(), "must have a model and a field");
        }
        HsdsColumn target;
        target.entity = HsdsEntity(to["model"].Scalar());
        target.column = to["field"].Scalar();
        if (to["foreign_key_name"]) target.foreign_key = to["foreign_key_name"].Scalar();
        if (to["foreign_key_value"]) target.foreign_key_from = to["foreign_key_value"].Scalar();
        mapping[file.first.Scalar()][column.first.Scalar()] = std::move(target);
      }
    }
  } catch (const YAML::BadFile&) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                   path + ": can't be read");
  } catch (const YAML::Exception& error) {
    return Wrong(path, error.mark, error.msg);
  }
  return mapping;
}

}  // namespace tandem::cli
