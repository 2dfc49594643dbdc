// SPDX-License-Identifier: Apache-2.0

#include "cli/method_finder.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#include "cli/api_description.h"
#include "cli/nearest_word.h"
#include "cli/session.h"

namespace tandem::cli {
namespace {

using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

constexpr char kPackage[] = "tandem.v1.";

// Services that only the admin socket serves.
constexpr std::string_view kAdminServices[] = {"PluginService", "AdminService"};

std::string ShortServiceName(const ServiceDescriptor& service) {
  std::string name = service.full_name();
  if (absl::StartsWith(name, kPackage)) name.erase(0, sizeof(kPackage) - 1);
  return name;
}

}  // namespace

std::string ShortMethodName(const MethodDescriptor& method) {
  return absl::StrCat(ShortServiceName(*method.service()), "/", method.name());
}

bool IsAdminService(const ServiceDescriptor& service) {
  for (std::string_view name : kAdminServices) {
    if (service.name() == name) return true;
  }
  return false;
}

absl::StatusOr<const MethodDescriptor*> FindMethod(std::string_view written) {
  // The last dot stands for the slash in "AgencyService.GetAgency".
  std::string wanted(written);
  if (const size_t dot = wanted.rfind('.');
      dot != std::string::npos && wanted.find('/') == std::string::npos) {
    wanted[dot] = '/';
  }
  std::vector<std::string> known;
  std::vector<const MethodDescriptor*> named;
  for (const ServiceDescriptor* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const MethodDescriptor* method = service->method(i);
      const std::string name = ShortMethodName(*method);
      if (wanted == name || wanted == absl::StrCat(service->full_name(), "/", method->name())) {
        return method;
      }
      if (wanted == method->name()) named.push_back(method);
      known.push_back(name);
      known.push_back(method->name());
    }
  }
  if (named.size() == 1) return named.front();
  if (named.size() > 1) {
    return UsageError(absl::StrCat("several services have a method ", wanted, ", for example ",
                                   ShortMethodName(*named[0]), " and ",
                                   ShortMethodName(*named[1])));
  }
  return UsageError(absl::StrCat("no method ", wanted, DidYouMean(wanted, known)));
}

}  // namespace tandem::cli
