// SPDX-License-Identifier: Apache-2.0

// A watch as a client makes it, and what it can know from the messages alone: the promises every
// stream keeps are checked on each message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "category_model.h"
#include "gtest/gtest.h"
#include "service_fixture.h"
#include "tandem/v1/change_service.grpc.pb.h"

namespace tandem::service {

// One stream. Not thread-safe.
class WatchCall {
 public:
  WatchCall(const std::shared_ptr<grpc::Channel>& channel, const v1::WatchRequest& request)
      : stub_(v1::ChangeService::NewStub(channel)) {
    // A stream that hangs ends the test instead of its time limit.
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    reader_ = stub_->Watch(&context_, request);
  }
  // Goes away in the middle.
  ~WatchCall() {
    if (finished_) return;
    context_.TryCancel();
    v1::WatchResponse rest;
    while (reader_->Read(&rest)) continue;
    (void)reader_->Finish();
  }

  // Returns once the server has taken the watch up; its revision then.
  int64_t AwaitStart() {
    reader_->WaitForInitialMetadata();
    const auto& metadata = context_.GetServerInitialMetadata();
    auto it = metadata.find("tandem-revision");
    EXPECT_NE(it, metadata.end());
    return it == metadata.end() ? 0 : std::stoll(std::string(it->second.data(), it->second.size()));
  }

  // The next message; nullopt at the end of the stream.
  std::optional<v1::WatchResponse> Next() {
    v1::WatchResponse message;
    if (!reader_->Read(&message)) return std::nullopt;
    Check(message);
    return message;
  }

  // The events of whole revisions up to `revision` and no more of later ones than came along.
  std::vector<v1::ChangeEvent> Until(int64_t revision) {
    std::vector<v1::ChangeEvent> events;
    std::optional<v1::WatchResponse> message;
    do {
      message = Next();
      if (!message) {
        ADD_FAILURE() << "the stream ended before revision " << revision;
        return events;
      }
      events.insert(events.end(), message->events().begin(), message->events().end());
    } while (message->revision() < revision);
    return events;
  }

  // Reads what is left.
  CallResult Finish() {
    while (Next()) continue;
    finished_ = true;
    return MakeResult(context_, reader_->Finish());
  }

 private:
  // Revisions rise, and what a message says of itself is true.
  void Check(const v1::WatchResponse& message) {
    EXPECT_GE(message.revision(), told_);
    EXPECT_EQ(message.has_history(), message.events().empty());
    int64_t last = told_;
    for (const v1::ChangeEvent& event : message.events()) {
      EXPECT_GT(event.revision(), told_) << event.name();
      EXPECT_GE(event.revision(), last) << event.name();
      EXPECT_LT(event.previous_revision(), event.revision()) << event.name();
      last = event.revision();
    }
    if (message.continued()) {
      EXPECT_EQ(last, message.revision() + 1);
    } else {
      EXPECT_LE(last, message.revision());
    }
    told_ = message.revision();
  }

  grpc::ClientContext context_;
  std::unique_ptr<v1::ChangeService::Stub> stub_;
  std::unique_ptr<grpc::ClientReader<v1::WatchResponse>> reader_;
  int64_t told_ = 0;
  bool finished_ = false;
};

// "CREATED c1" and so on: kind and id, for short comparisons.
inline std::string Told(const v1::ChangeEvent& event) {
  const std::string& kind = v1::ChangeKind_Name(event.kind());
  return kind.substr(std::string("CHANGE_KIND_").size()) + " " +
         event.name().substr(event.name().find('/') + 1);
}
inline std::vector<std::string> Told(const std::vector<v1::ChangeEvent>& events) {
  std::vector<std::string> lines;
  for (const v1::ChangeEvent& event : events) lines.push_back(Told(event));
  return lines;
}

// The watch of service categories from `start`.
inline v1::WatchRequest CategoriesFrom(int64_t start) {
  v1::WatchRequest request;
  request.add_collections("serviceCategories");
  request.set_start_revision(start);
  return request;
}

}  // namespace tandem::service
