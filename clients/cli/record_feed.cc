// SPDX-License-Identifier: Apache-2.0

#include "cli/record_feed.h"

#include "cli/request_fields.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr int kPageSize = 1000;

std::unique_ptr<google::protobuf::Message> ListRequest(const Noun& noun,
                                                       const std::string& filter) {
  auto request = NewMessage(noun.Method("List")->input_type());
  if (!noun.parent_word.empty()) {
    SetText(request.get(), "parent", FindNoun(noun.parent_word).FullName("-"));
  }
  SetText(request.get(), "filter", filter);
  SetInt32(request.get(), "page_size", kPageSize);
  return request;
}

}  // namespace

ListFeed::ListFeed(const client::Client& client, const Noun& noun, const std::string& filter)
    : pages_(client, *noun.Method("List"), *ListRequest(noun, filter)),
      page_(NewMessage(noun.Method("List")->output_type())),
      records_(RecordField(page_->GetDescriptor(), noun.Record())) {}

absl::StatusOr<bool> ListFeed::Next(google::protobuf::Message* record) {
  const auto* reflection = page_->GetReflection();
  while (at_ >= reflection->FieldSize(*page_, records_)) {
    page_->Clear();
    at_ = 0;
    ASSIGN_OR_RETURN(bool more, pages_.Next(page_.get()));
    if (!more) return false;
  }
  record->CopyFrom(reflection->GetRepeatedMessage(*page_, records_, at_++));
  return true;
}

}  // namespace tandem::cli
