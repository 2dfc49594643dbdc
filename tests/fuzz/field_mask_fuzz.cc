// SPDX-License-Identifier: Apache-2.0

// An update from a client: `mask paths, separated by commas` \n `the patch in protobuf's wire
// form`. Whatever is applied without a complaint must be the same when it is applied again, and
// must leave what the server owns alone.
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "expect.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "model/absl_strings.h"
#include "model/field_mask.h"
#include "tandem/v1/agency.pb.h"

namespace tandem {
namespace {

v1::Agency Current() {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_uid("uid");
  agency.set_display_name("now");
  agency.mutable_create_time()->set_seconds(1);
  (*agency.mutable_labels())["kept"] = "yes";
  agency.mutable_assessment()->set_points(500);
  agency.add_categories()->set_category("serviceCategories/c");
  return agency;
}

// The same for equal records: maps in the order of their keys.
std::string Bytes(const v1::Agency& agency) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    agency.SerializeToCodedStream(&out);
  }
  return bytes;
}

}  // namespace
}  // namespace tandem

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view paths = fuzz::TakeUntil('\n', &rest);
  google::protobuf::FieldMask mask;
  for (absl::string_view path : absl::StrSplit(ToAbsl(paths), ',')) {
    mask.add_paths(std::string(path));
  }
  v1::Agency patch;
  if (!patch.ParseFromArray(rest.data(), static_cast<int>(rest.size()))) return 0;

  const v1::Agency before = Current();
  v1::Agency once = before;
  std::vector<model::FieldViolation> violations;
  model::ApplyUpdateMask(patch, paths.empty() ? nullptr : &mask, "agency", &once, &violations);
  for (const model::FieldViolation& violation : violations) {
    FUZZ_EXPECT(!violation.field.empty() && !violation.description.empty());
  }
  if (!violations.empty()) return 0;
  FUZZ_EXPECT(once.name() == before.name() && once.uid() == before.uid());
  FUZZ_EXPECT(once.create_time().seconds() == before.create_time().seconds());
  v1::Agency twice = once;
  model::ApplyUpdateMask(patch, paths.empty() ? nullptr : &mask, "agency", &twice, &violations);
  FUZZ_EXPECT(violations.empty());
  FUZZ_EXPECT(Bytes(twice) == Bytes(once));
  return 0;
}
