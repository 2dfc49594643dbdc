// SPDX-License-Identifier: Apache-2.0

// The table of who may call what, against the services as their descriptors have them.

#include "service/authoriser.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "service/directory_services.h"
#include "support/reason_matcher.h"

namespace tandem::service {
namespace {

using support::HasReason;
using support::IsOk;

std::set<std::string> MethodsOf(absl::Span<const std::string_view> services) {
  std::set<std::string> names;
  for (std::string_view name : services) {
    const auto* service =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
    if (service == nullptr) {
      ADD_FAILURE() << name << " is not linked in";
      continue;
    }
    for (int i = 0; i < service->method_count(); ++i) names.insert(MethodName(*service->method(i)));
  }
  return names;
}

TEST(AuthoriserTest, EveryServedMethodHasOneRowAndNoOtherHas) {
  std::set<std::string> served = MethodsOf(PublicServices());
  const std::set<std::string> admin = MethodsOf(AdminServices());
  served.insert(admin.begin(), admin.end());
  served.insert("grpc.reflection.v1.ServerReflection/ServerReflectionInfo");
  std::set<std::string> rows;
  for (const MethodRule& rule : AllMethodRules()) {
    EXPECT_TRUE(rows.insert(std::string(rule.method)).second) << rule.method << " stands twice";
    EXPECT_EQ(FindMethodRule(rule.method), &rule);
  }
  EXPECT_EQ(rows, served);
  // What changes the server itself is served on the admin socket alone.
  for (const MethodRule& rule : AllMethodRules()) {
    EXPECT_EQ(rule.verb == MethodVerb::kAdminister, admin.count(std::string(rule.method)) > 0)
        << rule.method;
  }
}

// A row of the wrong kind would let a reader write one day.
TEST(AuthoriserTest, TheVerbFitsTheMethodsName) {
  for (const MethodRule& rule : AllMethodRules()) {
    std::string_view name = rule.method.substr(rule.method.find('/') + 1);
    bool reads = false, writes = false;
    for (const char* verb : {"Get", "List", "BatchGet", "Export", "Search", "Suggest", "Explain",
                             "WhyNot", "Verify"}) {
      reads = reads || absl::StartsWith(ToAbsl(name), verb);
    }
    for (const char* verb : {"Create", "Update", "Delete", "Undelete", "Purge", "BatchCreate",
                             "BatchUpdate", "BatchDelete", "Import"}) {
      writes = writes || absl::StartsWith(ToAbsl(name), verb);
    }
    if (rule.verb == MethodVerb::kAdminister) continue;
    if (reads) {
      EXPECT_EQ(rule.verb, MethodVerb::kRead) << rule.method;
    }
    if (writes) {
      EXPECT_NE(rule.verb, MethodVerb::kRead) << rule.method;
    }
  }
}

TEST(AuthoriserTest, NobodyElseAndNothingElse) {
  const Authoriser authoriser;
  const MethodRule* rule = FindMethodRule("tandem.v1.AgencyService/GetAgency");
  ASSERT_NE(rule, nullptr);
  EXPECT_THAT(authoriser.Authorise(kLocalPrincipal, rule, {}), IsOk());
  for (std::string_view stranger : {"", "Local", "somebody"}) {
    EXPECT_THAT(authoriser.Authorise(stranger, rule, {}),
                HasReason(model::Reason::kPermissionDenied));
  }
  EXPECT_EQ(FindMethodRule("tandem.v1.AgencyService/DropEverything"), nullptr);
  EXPECT_THAT(authoriser.Authorise(kLocalPrincipal, nullptr, {}),
              HasReason(model::Reason::kPermissionDenied));
}

}  // namespace
}  // namespace tandem::service
