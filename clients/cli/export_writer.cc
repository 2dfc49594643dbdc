// SPDX-License-Identifier: Apache-2.0

#include "cli/export_writer.h"

#include <vector>

#include "tandem/v1/field_rules.pb.h"

#include "cli/json_writer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr char kNotRead[] = "is not read again as it was";

class NdjsonWriter : public ExportWriter {
 public:
  explicit NdjsonWriter(std::ostream& out) : out_(out) {}

  absl::Status Write(const google::protobuf::Message& record) override {
    std::unique_ptr<google::protobuf::Message> own(record.New());
    own->CopyFrom(record);
    ClearServerFields(own.get());
    ASSIGN_OR_RETURN(const nlohmann::ordered_json document, ToJson(*own));
    out_ << document.dump() << '\n';
    return absl::OkStatus();
  }
  absl::Status Finish() override { return absl::OkStatus(); }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<ExportWriter> MakeNdjsonWriter(std::ostream& out) {
  return std::make_unique<NdjsonWriter>(out);
}

void ClearServerFields(google::protobuf::Message* record) {
  const auto* type = record->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->options().GetExtension(v1::output_only) || field->name() == "etag") {
      record->GetReflection()->ClearField(record, field);
    }
  }
}

void CompareCarried(const std::string& kind, const nlohmann::ordered_json& record,
                    const nlohmann::ordered_json& read_back, LossReport* report) {
  if (record == read_back) return;
  if (record.is_object()) {
    for (const auto& [key, value] : record.items()) {
      const auto found = read_back.find(key);
      if (!read_back.is_object() || found == read_back.end()) {
        report->Lost(kind + "." + key, kNotRead);
      } else {
        CompareCarried(kind + "." + key, value, *found, report);
      }
    }
    if (!read_back.is_object()) return;
    for (const auto& [key, value] : read_back.items()) {
      if (!record.contains(key)) report->Lost(kind + "." + key, "was not there and is read");
    }
    return;
  }
  report->Lost(kind, kNotRead);
}

}  // namespace tandem::cli
