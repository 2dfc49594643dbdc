// SPDX-License-Identifier: Apache-2.0

#include "cli/request_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tandem/v1/agency_service.pb.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

// The names of the requests in `data`, or what is wrong behind them.
std::vector<std::string> Read(const std::string& data) {
  std::vector<std::string> names;
  auto source = RequestSource::Open(data);
  if (!source.ok()) return {std::string(source.status().message())};
  for (;;) {
    v1::GetAgencyRequest request;
    const auto any = (*source)->Next(&request);
    if (!any.ok()) {
      names.emplace_back(any.status().message());
      return names;
    }
    if (!*any) return names;
    names.push_back(request.name());
  }
}

TEST(RequestSourceTest, OneObjectAfterTheOther) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(Read(""), IsEmpty());
  EXPECT_THAT(Read(" \n"), IsEmpty());
  EXPECT_THAT(Read("{}"), ElementsAre(""));
  EXPECT_THAT(Read(R"({"name": "a}\"{"}{"name":"b"} {"name":"c"})"),
              ElementsAre("a}\"{", "b", "c"));
}

TEST(RequestSourceTest, ProblemsAreToldWithLineAndColumn) {
  const std::pair<const char*, const char*> cases[] = {
      {"{\"name\": \"a\"}\n\n{\"nmae\": \"b\"}",
       "-d:3:2: nmae: GetAgencyRequest has no such field"},
      {"{\n\"name\":\n3}", "-d:3:1: name: must be text in quotes"},
      {"{\"name\": \"a\"", "unexpected end of input"},
      {"x", "-d:1:1:"},
      {"]", "-d:1:1:"},
      {"[{}]", "a record must be an object"},
      {"@/nonexistent/file", "/nonexistent/file: No such file"},
  };
  for (const auto& [data, message] : cases) {
    const std::vector<std::string> read = Read(data);
    ASSERT_FALSE(read.empty()) << data;
    EXPECT_THAT(read.back(), HasSubstr(message)) << data;
  }
}

TEST(RequestSourceTest, AnObjectHasALimit) {
  constexpr size_t kLimit = 16 * 1024 * 1024;
  const std::string head = "{\"name\": \"";
  const std::string largest = head + std::string(kLimit - head.size() - 2, 'x') + "\"}";
  ASSERT_EQ(largest.size(), kLimit);
  EXPECT_EQ(Read(largest).back().size(), kLimit - head.size() - 2);
  EXPECT_THAT(Read(head + std::string(kLimit - head.size() - 1, 'x') + "\"}").back(),
              HasSubstr("an object above 16 MiB"));
}

}  // namespace
}  // namespace tandem::cli
