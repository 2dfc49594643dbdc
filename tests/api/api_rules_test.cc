// SPDX-License-Identifier: Apache-2.0

// Every API rule over the descriptor set that the build makes, and for every rule a small file that
// breaks it, so that no rule can pass by looking at nothing.

#include "api/api_rules.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "api/exemptions.h"
#include "gmock/gmock.h"
#include "google/protobuf/compiler/parser.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/timestamp.pb.h"
#include "gtest/gtest.h"

namespace tandem::api {
namespace {

using ::google::protobuf::DescriptorPool;
using ::google::protobuf::FileDescriptorProto;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The descriptor set of this build, loaded once: our own files, in a pool with all they import.
class DescriptorSet {
 public:
  static const DescriptorSet& Get() {
    static const DescriptorSet* const kSet = new DescriptorSet(TANDEM_DESCRIPTOR_SET);
    return *kSet;
  }
  const Files& files() const { return files_; }
  const DescriptorPool& pool() const { return pool_; }

 private:
  explicit DescriptorSet(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    google::protobuf::FileDescriptorSet set;
    EXPECT_TRUE(set.ParseFromIstream(&in)) << "can't read " << path;
    for (const FileDescriptorProto& file : set.file()) {
      const auto* built = pool_.BuildFile(file);
      EXPECT_NE(built, nullptr) << file.name();
      if (built != nullptr && absl::StartsWith(file.name(), "tandem/")) files_.push_back(built);
    }
  }

  DescriptorPool pool_;
  Files files_;
};

TEST(DescriptorSetTest, HoldsTheServedAndTheStoredFiles) {
  std::set<std::string> packages;
  for (const auto* file : DescriptorSet::Get().files()) packages.insert(file->package());
  EXPECT_THAT(packages, AllOf(Contains("tandem.v1"), Contains("tandem.storage.v1")));
  EXPECT_NE(DescriptorSet::Get().pool().FindServiceByName("tandem.v1.AgencyService"), nullptr);
}

TEST(DescriptorSetTest, EveryExemptedElementExists) {
  for (const Exemption& exemption : kExemptions) {
    const std::string element(exemption.element);
    EXPECT_NE(DescriptorSet::Get().pool().FindFileContainingSymbol(element), nullptr)
        << element << " is gone; take its exemption out";
  }
}

std::vector<Rule> Rules() {
  std::vector<Rule> rules = ResourceRules();
  for (const Rule& rule : ElementRules()) rules.push_back(rule);
  return rules;
}

class RuleTest : public ::testing::TestWithParam<Rule> {};

TEST_P(RuleTest, HoldsForOurFiles) {
  for (const std::string& finding : GetParam().check(DescriptorSet::Get().files())) {
    ADD_FAILURE() << finding;
  }
}

INSTANTIATE_TEST_SUITE_P(Api, RuleTest, ::testing::ValuesIn(Rules()),
                         [](const auto& tested) { return tested.param.name; });

// A file that breaks one rule, and what the rule says of it.
struct BadFile {
  std::string rule;
  std::string path;
  std::string text;  // without the syntax line
  std::string finding;
};

const char kV1[] = "package tandem.v1;\n";

const std::vector<BadFile>& BadFiles() {
  static const std::vector<BadFile>* const kFiles = new std::vector<BadFile>{
      {"PackageIsVersionedAndEqualsFolder", "tandem/a.proto", "package tandem;", "has no version"},
      {"PackageIsVersionedAndEqualsFolder", "tandem/a.proto", kV1,
       "outside its package's folder tandem/v1"},
      {"ServicesLieInFilesOfTheirOwn", "tandem/v1/a.proto",
       "package tandem.v1; service AService {}", "tandem/v1/a.proto: one service a file"},
      {"ServicesLieInFilesOfTheirOwn", "tandem/v1/b_service.proto",
       "package tandem.v1; service AService {}", "must lie in a_service.proto"},
      {"ListsArePagedAlike", "tandem/v1/a.proto",
       "package tandem.v1; message Q { string parent = 1; int64 page_size = 2; string page_token = "
       "3; }"
       "message R { repeated Q qs = 1; string next_page_token = 2; int64 revision = 3; }"
       "service S { rpc ListQs(Q) returns (R); }",
       "tandem.v1.Q: field 2 must be int32 page_size"},
      {"ListsArePagedAlike", "tandem/v1/a.proto",
       "package tandem.v1; message Q { string parent = 1; int32 page_size = 2; string page_token = "
       "3; "
       "string filter = 9; } message R { Q q = 1; string next_page_token = 2; }"
       "service S { rpc ListQs(Q) returns (R); }",
       "tandem.v1.R: field 3 must be int64 revision"},
      {"ListsArePagedAlike", "tandem/v1/a.proto",
       "package tandem.v1; message Q { string filter = 9; } service S { rpc ListQs(Q) returns (Q); "
       "}",
       "tandem.v1.Q.filter: must have number 4"},
      {"StandardMethodsAreIdentical", "tandem/v1/a.proto",
       "package tandem.v1; message A {} message D { string name = 1; bool force = 2; }"
       "service S { rpc DeleteA(D) returns (A); }",
       "tandem.v1.D: field 2 must be string etag"},
      {"StandardMethodsAreIdentical", "tandem/v1/a.proto",
       "package tandem.v1; message A {} message E {} service S { rpc DeleteA(A) returns (E); }",
       "tandem.v1.S.DeleteA: must answer the resource"},
      {"CollectionMethodsAreIdentical", "tandem/v1/a.proto",
       "package tandem.v1; message A { string parent = 1; repeated string names = 2; }"
       "service S { rpc BatchGetAs(A) returns (A); }",
       "tandem.v1.A: field 3 must be enum view"},
      {"CollectionMethodsAreIdentical", "tandem/v1/a.proto",
       "package tandem.v1; message A { string name = 1; string etag = 2; string request_id = 3; }"
       "service S { rpc PurgeA(A) returns (A); }",
       "tandem.v1.A: field 1 must be int64 purged_count"},
      {"CollectionMethodsAreIdentical", "tandem/v1/a.proto",
       "package tandem.v1; message A { string name = 1; int64 read_revision = 9; }"
       "service S { rpc GetA(A) returns (A); }",
       "tandem.v1.A.read_revision: must have number 3"},
      {"ResourcesStartWithTheStandardFields", "tandem/v1/a.proto",
       "package tandem.v1; message A { string name = 1; int32 uid = 2; }",
       "tandem.v1.A: field 2 must be string uid"},
      {"ResourcesStartWithTheStandardFields", "tandem/v1/a.proto",
       "package tandem.v1; message A {} service S { rpc GetA(A) returns (A); }",
       "tandem.v1.A: field 1 must be string name"},
      {"WritesHaveARequestId", "tandem/v1/a.proto",
       "package tandem.v1; message A {} service S { rpc FreezeA(A) returns (A); }",
       "tandem.v1.S.FreezeA: A has no request_id"},
      {"WritesHaveARequestId", "tandem/v1/a.proto",
       "package tandem.v1; message O {} message A { O options = 1; }"
       "service S { rpc ImportAs(stream A) returns (stream A); }",
       "tandem.v1.S.ImportAs: O has no request_id"},
      {"EnumsHaveAZeroAndPrefixes", "tandem/v1/a.proto",
       "package tandem.v1; message A { enum BigSide { NONE = 0; } }",
       "value 0 must be BIG_SIDE_UNSPECIFIED"},
      {"EnumsHaveAZeroAndPrefixes", "tandem/v1/a.proto",
       "package tandem.v1; enum Side { SIDE_UNSPECIFIED = 0; LEFT = 1; }",
       "tandem.v1.LEFT: must start with SIDE_"},
      {"EnumsHaveAZeroAndPrefixes", "tandem/v1/a.proto",
       "package tandem.v1;\n// A side.\nenum Side { SIDE_UNSPECIFIED = 0; }",
       "its comment must say"},
      {"EveryElementHasAComment", "tandem/v1/a.proto",
       "package tandem.v1;\n// A.\nmessage A {\n  string bare = 1;\n  // Told.\n  string told = "
       "2;\n}",
       "tandem.v1.A.bare: no comment"},
      {"EveryElementHasAComment", "tandem/v1/a.proto", "package tandem.v1; service S {}",
       "tandem.v1.S: no comment"},
      {"EveryElementHasAComment", "tandem/v1/a.proto",
       "package tandem.v1;\n// E.\nenum E { E_UNSPECIFIED = 0; }",
       "tandem.v1.E_UNSPECIFIED: no comment"},
      {"IdsAreStrings", "tandem/v1/a.proto",
       "package tandem.v1; message A { int64 agency_id = 1; }",
       "tandem.v1.A.agency_id: an id is a string"},
      {"ServedFilesKeepToThemselves", "tandem/v1/a.proto",
       "package tandem.v1; import \"tandem/storage/v1/known.proto\";",
       "must not import tandem.storage.v1"},
      {"NamesTellTheType", "tandem/v1/a.proto",
       "package tandem.v1; message A { bool is_open = 1; }", "tandem.v1.A.is_open: no is_ prefix"},
      {"NamesTellTheType", "tandem/v1/a.proto",
       "package tandem.v1; import \"google/protobuf/timestamp.proto\";"
       "message A { google.protobuf.Timestamp created = 1; }",
       "tandem.v1.A.created: a Timestamp"},
      {"NamesTellTheType", "tandem/v1/a.proto",
       "package tandem.v1; message A { int64 start_time = 1; }",
       "tandem.v1.A.start_time: a Timestamp"},
      {"NamesTellTheType", "tandem/v1/a.proto",
       "package tandem.v1; message A { int32 end_date = 1; }",
       "tandem.v1.A.end_date: a ..._date is a string"},
      {"ServedNumbersAreIntegers", "tandem/v1/a.proto",
       "package tandem.v1; message A { double share = 1; }", "tandem.v1.A.share: floating point"},
  };
  return *kFiles;
}

// Parses `text` as the file `path` into `pool`; null when it is no valid file.
const google::protobuf::FileDescriptor* ParseInto(DescriptorPool& pool, const std::string& path,
                                                  const std::string& text) {
  const std::string whole = "syntax = \"proto3\";\n" + text;
  google::protobuf::io::ArrayInputStream in(whole.data(), static_cast<int>(whole.size()));
  google::protobuf::io::Tokenizer tokenizer(&in, nullptr);
  google::protobuf::compiler::Parser parser;
  FileDescriptorProto file;
  if (!parser.Parse(&tokenizer, &file)) return nullptr;
  file.set_name(path);
  return pool.BuildFile(file);
}

TEST(BadFileTest, EachIsFoundByItsRule) {
  google::protobuf::Timestamp::descriptor();  // brings timestamp.proto into the generated pool
  for (const BadFile& bad : BadFiles()) {
    SCOPED_TRACE(bad.rule + ": " + bad.text);
    DescriptorPool pool(DescriptorPool::generated_pool());
    ASSERT_NE(ParseInto(pool, "tandem/storage/v1/known.proto", "package tandem.storage.v1;"),
              nullptr);
    const auto* file = ParseInto(pool, bad.path, bad.text);
    ASSERT_NE(file, nullptr);
    bool rule_exists = false;
    for (const Rule& rule : Rules()) {
      if (rule.name != bad.rule) continue;
      rule_exists = true;
      EXPECT_THAT(rule.check({file}), Contains(HasSubstr(bad.finding)));
    }
    EXPECT_TRUE(rule_exists);
  }
}

TEST(BadFileTest, EveryRuleHasOne) {
  std::set<std::string> without;
  for (const Rule& rule : Rules()) without.insert(rule.name);
  for (const BadFile& bad : BadFiles()) without.erase(bad.rule);
  EXPECT_THAT(without, IsEmpty());
}

}  // namespace
}  // namespace tandem::api
