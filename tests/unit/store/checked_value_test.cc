// SPDX-License-Identifier: Apache-2.0

#include "store/checked_value.h"

#include "gtest/gtest.h"

namespace tandem::store {
namespace {

TEST(CheckedValue, OpensWhatWasSealed) {
  for (const std::string payload : {"", "x", "some longer payload with more than sixteen bytes"}) {
    const std::string stored = SealValue("key", payload);
    EXPECT_EQ(stored.size(), payload.size() + kValueTrailerBytes);
    const auto value = OpenValue("key", stored);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(value->payload, payload);
    EXPECT_EQ(value->body_size, payload.size());
  }
}

TEST(CheckedValue, EveryFlippedBitIsSeen) {
  const std::string stored = SealValue("key", "a payload of some bytes");
  for (size_t byte = 0; byte < stored.size(); ++byte) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = stored;
      damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
      EXPECT_FALSE(OpenValue("key", damaged).has_value()) << byte << "." << bit;
    }
  }
}

TEST(CheckedValue, EveryCutAndAnotherKeyAreSeen) {
  const std::string stored = SealValue("key", "a payload of some bytes");
  for (size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(OpenValue("key", std::string_view(stored).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(OpenValue("kez", stored).has_value());
  EXPECT_FALSE(OpenValue("", stored).has_value());
}

TEST(CheckedValue, TheBodySizeIsChecked) {
  const std::string_view payload = "body and tail";
  const auto trailer = ValueTrailer("key", payload, 4);
  const std::string stored = std::string(payload) + std::string(trailer.data(), trailer.size());
  ASSERT_TRUE(OpenValue("key", stored).has_value());
  EXPECT_EQ(OpenValue("key", stored)->body_size, 4U);
  const auto beyond = ValueTrailer("key", payload, 99);
  EXPECT_FALSE(OpenValue("key", std::string(payload) + std::string(beyond.data(), beyond.size()))
                   .has_value());
}

// The bytes on disk: other ones would make every existing store unreadable.
TEST(CheckedValue, GoldenBytes) {
  const std::string stored = SealValue("key", "payload");
  EXPECT_EQ(stored.substr(0, 11), std::string("payload\x07\x00\x00\x00", 11));
  std::string check;
  for (const char byte : stored.substr(11)) {
    char hex[3];
    snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned>(static_cast<unsigned char>(byte)));
    check += hex;
  }
  EXPECT_EQ(check, "76f5bcbcb04c700d");
}

}  // namespace
}  // namespace tandem::store
