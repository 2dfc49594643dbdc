// SPDX-License-Identifier: Apache-2.0

#include "cli/api_description.h"

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.pb.h"

#include "cli/descriptor_set.h"

namespace tandem::cli {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::ServiceDescriptor;

google::protobuf::FileDescriptorSet ReadSet() {
  const std::string_view bytes = EmbeddedDescriptorSet();
  google::protobuf::FileDescriptorSet set;
  set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return set;
}

// The same declarations as the generated ones, with source positions and comments.
const DescriptorPool& CommentedPool() {
  static const DescriptorPool* const kPool = [] {
    auto* pool = new DescriptorPool;
    const google::protobuf::FileDescriptorSet set = ReadSet();
    for (const auto& file : set.file()) pool->BuildFile(file);
    return pool;
  }();
  return *kPool;
}

// Lines of one paragraph are joined by a blank; an empty line begins a paragraph.
std::string Joined(const std::string& comment) {
  std::string text;
  bool paragraph = false;
  for (absl::string_view line : absl::StrSplit(comment, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty()) {
      paragraph = !text.empty();
      continue;
    }
    if (!text.empty()) text += paragraph ? '\n' : ' ';
    paragraph = false;
    text.append(line.data(), line.size());
  }
  return text;
}

template <typename Declaration>
std::string LeadingComment(const Declaration* declaration) {
  google::protobuf::SourceLocation location;
  if (declaration == nullptr || !declaration->GetSourceLocation(&location)) return "";
  return Joined(location.leading_comments);
}

}  // namespace

const std::vector<const FileDescriptor*>& ApiFiles() {
  static const auto* const kFiles = [] {
    auto* files = new std::vector<const FileDescriptor*>;
    const google::protobuf::FileDescriptorSet set = ReadSet();
    for (const auto& file : set.file()) {
      if (file.package() != "tandem.v1") continue;
      const auto* found = DescriptorPool::generated_pool()->FindFileByName(file.name());
      if (found != nullptr) files->push_back(found);
    }
    const auto* health =
        DescriptorPool::generated_pool()->FindFileByName("grpc/health/v1/health.proto");
    if (health != nullptr) files->push_back(health);
    return files;
  }();
  return *kFiles;
}

const std::vector<const ServiceDescriptor*>& ApiServices() {
  static const auto* const kServices = [] {
    auto* services = new std::vector<const ServiceDescriptor*>;
    for (const FileDescriptor* file : ApiFiles()) {
      for (int i = 0; i < file->service_count(); ++i) services->push_back(file->service(i));
    }
    return services;
  }();
  return *kServices;
}

std::string CommentOf(const google::protobuf::Descriptor& message) {
  return LeadingComment(CommentedPool().FindMessageTypeByName(message.full_name()));
}
std::string CommentOf(const google::protobuf::FieldDescriptor& field) {
  return LeadingComment(CommentedPool().FindFieldByName(field.full_name()));
}
std::string CommentOf(const google::protobuf::EnumDescriptor& type) {
  return LeadingComment(CommentedPool().FindEnumTypeByName(type.full_name()));
}
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value) {
  return LeadingComment(CommentedPool().FindEnumValueByName(value.full_name()));
}
std::string CommentOf(const ServiceDescriptor& service) {
  return LeadingComment(CommentedPool().FindServiceByName(service.full_name()));
}
std::string CommentOf(const google::protobuf::MethodDescriptor& method) {
  return LeadingComment(CommentedPool().FindMethodByName(method.full_name()));
}

}  // namespace tandem::cli
