// SPDX-License-Identifier: Apache-2.0

// Finds a method of the API by what a person wrote. Pure functions over the generated descriptors.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace tandem::cli {

// The method for "AgencyService/GetAgency", also with the package, with a dot instead of the slash
// or as the method's name alone when only one service has it. The error, a usage error, names the
// nearest one.
absl::StatusOr<const google::protobuf::MethodDescriptor*> FindMethod(std::string_view written);

// "AgencyService/GetAgency", with the package when it is not tandem.v1.
std::string ShortMethodName(const google::protobuf::MethodDescriptor& method);

// Whether a service answers on the admin socket only.
bool IsAdminService(const google::protobuf::ServiceDescriptor& service);

}  // namespace tandem::cli
