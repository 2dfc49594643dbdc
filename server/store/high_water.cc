// SPDX-License-Identifier: Apache-2.0

#include "store/high_water.h"

#include <xxhash.h>

#include <memory>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "model/absl_strings.h"
#include "store/rocksdb_status.h"

namespace tandem::store {
namespace {

constexpr std::string_view kTitle = "tandem high-water mark";
constexpr std::string_view kServing = "serving";
constexpr std::string_view kInitialising = "initialising";
// identity "-" while there is none, so that every line has a value.
constexpr std::string_view kNoIdentity = "-";

std::string CheckLine(std::string_view lines) {
  return absl::StrFormat("check %016x\n", XXH3_64bits(lines.data(), lines.size()));
}

// The value of a line "name value"; nullopt when the line is another one.
std::optional<std::string_view> ValueOf(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() || line.substr(0, name.size()) != name ||
      line[name.size()] != ' ') {
    return std::nullopt;
  }
  return line.substr(name.size() + 1);
}

}  // namespace

std::string FormatHighWater(const HighWater& mark) {
  std::string text = StrCat(kTitle, "\nformat ", mark.format, "\nstate ",
                            mark.initialising ? kInitialising : kServing, "\nidentity ",
                            mark.identity.empty() ? kNoIdentity : mark.identity, "\nepoch ",
                            EpochOf(mark.revision), "\nrevision ", mark.revision, "\n");
  text += CheckLine(text);
  return text;
}

std::optional<HighWater> ParseHighWater(std::string_view text) {
  const std::vector<std::string> lines = absl::StrSplit(ToAbsl(text), '\n');
  constexpr size_t kLines = 8;  // Seven and the empty rest behind the last line's end.
  if (lines.size() != kLines || lines[0] != kTitle || !lines[7].empty()) return std::nullopt;
  const auto format = ValueOf(lines[1], "format");
  const auto state = ValueOf(lines[2], "state");
  const auto identity = ValueOf(lines[3], "identity");
  const auto revision = ValueOf(lines[5], "revision");
  HighWater mark;
  if (!format || !absl::SimpleAtoi(ToAbsl(*format), &mark.format)) return std::nullopt;
  if (!state || !identity || !revision || !absl::SimpleAtoi(ToAbsl(*revision), &mark.revision))
    return std::nullopt;
  mark.initialising = *state == kInitialising;
  if (*identity != kNoIdentity) mark.identity = std::string(*identity);
  // Formatting again compares every byte: the checksum, the epoch and the spelling of numbers.
  if (FormatHighWater(mark) != text) return std::nullopt;
  return mark;
}

rocksdb::Status WriteHighWater(rocksdb::Env* env, const std::string& data_dir,
                               const HighWater& mark) {
  const std::string target = StrCat(data_dir, "/", kHighWaterFile);
  const std::string temporary = StrCat(data_dir, "/", kHighWaterNewFile);
  rocksdb::Status status =
      rocksdb::WriteStringToFile(env, FormatHighWater(mark), temporary, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(temporary, target);
  std::unique_ptr<rocksdb::Directory> directory;
  if (status.ok()) status = env->NewDirectory(data_dir, &directory);
  if (status.ok()) status = directory->Fsync();
  return status;
}

absl::StatusOr<HighWaterFile> ReadHighWater(rocksdb::Env* env, const std::string& data_dir) {
  const std::string path = StrCat(data_dir, "/", kHighWaterFile);
  const rocksdb::Status exists = env->FileExists(path);
  if (exists.IsNotFound()) return HighWaterFile{};
  std::string text;
  rocksdb::Status status = exists.ok() ? rocksdb::ReadFileToString(env, path, &text) : exists;
  if (!status.ok()) return ReadError(status, path);
  return HighWaterFile{true, ParseHighWater(text)};
}

}  // namespace tandem::store
