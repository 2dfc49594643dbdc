// SPDX-License-Identifier: Apache-2.0

// The API as this program was built with it: every service and message, with the comments of their
// declarations. The comments come from a descriptor set that is part of the program, because
// generated code keeps none.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tandem::cli {

// The generated files of the API in an order where every file follows what it imports: tandem/v1
// and the health service. Programs must link all generated code (see CMakeLists.txt).
const std::vector<const google::protobuf::FileDescriptor*>& ApiFiles();

// All services of ApiFiles(), in that order.
const std::vector<const google::protobuf::ServiceDescriptor*>& ApiServices();

// The comment above a declaration, its lines joined; empty when it has none. The paragraphs of a
// long comment are separated by a line end.
std::string CommentOf(const google::protobuf::Descriptor& message);
std::string CommentOf(const google::protobuf::FieldDescriptor& field);
std::string CommentOf(const google::protobuf::EnumDescriptor& type);
std::string CommentOf(const google::protobuf::EnumValueDescriptor& value);
std::string CommentOf(const google::protobuf::ServiceDescriptor& service);
std::string CommentOf(const google::protobuf::MethodDescriptor& method);

}  // namespace tandem::cli
