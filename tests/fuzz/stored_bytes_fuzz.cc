// SPDX-License-Identifier: Apache-2.0

// Whatever lies in the data directory: values with their checksums, record tails, keys, log
// entries, etags, the high-water file. Each reader takes what its writer makes: what is read and
// written again is the same bytes, or for tails and entries the same values.
#include <string>
#include <string_view>

#include "expect.h"
#include "store/checked_value.h"
#include "store/high_water.h"
#include "store/key_codec.h"
#include "store/record_codec.h"
#include "tandem/storage/v1/log_entry.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  switch (fuzz::TakeByte(&bytes) % 7) {
    case 0: {
      const auto tail = store::ParseTail(bytes);
      if (tail.ok()) {
        const std::string written = store::AppendTail("", *tail);
        FUZZ_EXPECT(written.size() <= bytes.size());
        const auto again = store::ParseTail(written);
        FUZZ_EXPECT(again.ok() && store::AppendTail("", *again) == written);
      } else {
        FUZZ_EXPECT(fuzz::IsOurError(tail.status()));
      }
      break;
    }
    case 1:
      if (const auto revision = store::ParseEtag(bytes)) {
        FUZZ_EXPECT(store::EtagOf(*revision) == bytes);
      }
      break;
    case 2:
      if (const auto parts = store::ParseRecordKey(bytes)) {
        FUZZ_EXPECT(store::RecordKey(parts->type, parts->id, parts->revision) == bytes);
      }
      if (const auto revision = store::ParseLogKey(bytes)) {
        FUZZ_EXPECT(store::LogKey(*revision) == bytes);
      }
      break;
    case 3: {
      const std::string_view key = fuzz::TakeUntil('\n', &bytes);
      if (const auto value = store::OpenValue(key, bytes)) {
        FUZZ_EXPECT(value->body_size <= value->payload.size());
        const auto trailer = store::ValueTrailer(key, value->payload, value->body_size);
        FUZZ_EXPECT(std::string(value->payload) + std::string(trailer.data(), trailer.size()) ==
                    bytes);
      }
      // Sealed, everything opens under its own key and no other.
      const std::string sealed = store::SealValue(key, bytes);
      const auto opened = store::OpenValue(key, sealed);
      FUZZ_EXPECT(opened && opened->payload == bytes);
      FUZZ_EXPECT(!store::OpenValue(std::string(key) + "x", sealed));
      break;
    }
    case 4:
      if (const auto mark = store::ParseHighWater(bytes)) {
        FUZZ_EXPECT(store::FormatHighWater(*mark) == bytes);
      }
      break;
    case 5: {
      storage::v1::LogEntry entry;
      if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) break;
      storage::v1::LogEntry again;
      FUZZ_EXPECT(again.ParseFromString(entry.SerializeAsString()));
      FUZZ_EXPECT(again.changes_size() == entry.changes_size());
      break;
    }
    default:
      // A body that passes keeps its tail apart from itself.
      if (store::CheckBody(bytes).ok()) {
        store::Tail tail;
        tail.revision = store::MakeRevision(1, 7);
        tail.create_time_ns = tail.update_time_ns = 5'000'000'001;
        const std::string whole = store::AppendTail(bytes, tail);
        FUZZ_EXPECT(whole.substr(0, bytes.size()) == bytes);
        const auto read = store::ParseTail(std::string_view(whole).substr(bytes.size()));
        FUZZ_EXPECT(read.ok() && read->revision == tail.revision);
      }
  }
  return 0;
}
