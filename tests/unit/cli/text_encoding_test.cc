// SPDX-License-Identifier: Apache-2.0

#include "cli/text_encoding.h"

#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/text_decoder.h"
#include "cli/text_input.h"
#include "cli/utf8_check.h"

namespace tandem::cli {
namespace {

constexpr TextEncoding kAll[] = {TextEncoding::kUtf8, TextEncoding::kGb18030,
                                 TextEncoding::kUtf16Le, TextEncoding::kUtf16Be};
// Two, three and four bytes in UTF-8; two and four in GB18030; a surrogate pair in UTF-16.
constexpr char kText[] = "编号,名称é\n1,泽库县𠀀\r\n";
constexpr char kTextGb[] = "\xB1\xE0\xBA\xC5,\xC3\xFB\xB3\xC6\xA8\xA6\n";

std::string Read(TextInput* input) {
  std::ostringstream out;
  out << input->utf8().rdbuf();
  return out.str();
}

std::string Decode(TextEncoding encoding, std::string_view bytes) {
  TextDecoder decoder(encoding);
  std::string text;
  decoder.Decode(bytes, /*end=*/true, &text);
  return text;
}

TEST(TextEncodingTest, NamesInAnyCase) {
  EXPECT_EQ(FindEncoding("GBK"), TextEncoding::kGb18030);
  EXPECT_EQ(FindEncoding("Utf-8"), TextEncoding::kUtf8);
  EXPECT_EQ(FindEncoding("latin1"), std::nullopt);
}

TEST(TextEncodingTest, WhatIsEncodedIsDecodedToTheSame) {
  for (TextEncoding encoding : kAll) {
    TextEncoder encoder(encoding);
    EXPECT_EQ(Decode(encoding, encoder.Encode(kText)), kText) << EncodingName(encoding);
  }
  EXPECT_EQ(Decode(TextEncoding::kGb18030, kTextGb), "编号,名称é\n");
}

// Any bytes at all come back as they were: a reject file keeps even what is no text.
TEST(TextEncodingTest, AnyBytesSurviveTheWayThereAndBack) {
  std::mt19937 random(7);
  for (TextEncoding encoding : kAll) {
    for (int round = 0; round < 300; ++round) {
      std::string bytes(random() % 40, '\0');
      for (char& byte : bytes)
        byte = static_cast<char>(random() % 3 == 0 ? random() % 128 : random());
      const std::string text = Decode(encoding, bytes);
      EXPECT_EQ(TextEncoder(encoding).Encode(text), bytes) << EncodingName(encoding);
    }
  }
}

TEST(TextEncodingTest, PiecesOfAnySizeGiveTheSameText) {
  for (TextEncoding encoding : kAll) {
    const std::string bytes = TextEncoder(encoding).Encode(kText) + "\xFF";
    for (size_t piece = 1; piece < 5; ++piece) {
      TextDecoder decoder(encoding);
      std::string text;
      for (size_t at = 0; at < bytes.size(); at += piece) {
        decoder.Decode(std::string_view(bytes).substr(at, piece), false, &text);
      }
      decoder.Decode("", true, &text);
      EXPECT_EQ(text, Decode(encoding, bytes)) << EncodingName(encoding) << " " << piece;
    }
  }
}

TEST(TextEncodingTest, BytesThatAreNoTextAreFoundWhereTheyStand) {
  const std::string text = Decode(TextEncoding::kGb18030, "a\xB1\xE0\xFF,b");
  const auto at = InvalidUtf8At(text);
  ASSERT_TRUE(at.has_value());
  EXPECT_EQ(*at, 4U);
  EXPECT_EQ(InvalidTextMessage(text, *at), "the byte 0xFF here is no text in the file's encoding");
  EXPECT_EQ(InvalidTextMessage("a\xFF", 1), "the bytes here are no UTF-8");
}

TEST(TextEncodingTest, TellsUtf8FromGb18030) {
  EXPECT_EQ(DetectEncoding("plain", true), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding(kText, true), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding(kTextGb, true), TextEncoding::kGb18030);
  EXPECT_EQ(DetectEncoding("\x81\x30\x81\x30", true), TextEncoding::kGb18030) << "four bytes";
  // One broken record makes no other file of a long UTF-8 one.
  EXPECT_EQ(DetectEncoding(std::string(kText) + "caf\xE9s\n", true), TextEncoding::kUtf8);
  EXPECT_EQ(DetectEncoding("a\xFF\xFE"
                           "b",
                           true),
            TextEncoding::kUtf8)
      << "neither";
}

TEST(TextEncodingTest, ACharacterCutOffByTheSamplesEndIsNoFlaw) {
  const std::string text = "编号";
  for (size_t size = 1; size < text.size(); ++size) {
    EXPECT_EQ(DetectEncoding(text.substr(0, size), false), TextEncoding::kUtf8) << size;
  }
  EXPECT_EQ(DetectEncoding("\xB1\xE0\xBA", false), TextEncoding::kGb18030);
}

TEST(TextInputTest, ReadsEveryEncodingWithAndWithoutMark) {
  for (TextEncoding encoding : kAll) {
    for (bool mark : {false, true}) {
      const bool needs_name = !mark && encoding != TextEncoding::kUtf8;
      std::istringstream in((mark ? ByteOrderMarkBytes(encoding) : "") +
                            TextEncoder(encoding).Encode(kText));
      TextInput input(in, needs_name ? std::optional(encoding) : std::nullopt);
      EXPECT_EQ(Read(&input), kText) << EncodingName(encoding) << mark;
      EXPECT_EQ(input.encoding(), encoding);
      EXPECT_EQ(input.has_mark(), mark);
    }
  }
}

TEST(TextInputTest, DecidesAtTheFirstByteThatIsNoAsciiHoweverLate) {
  std::string bytes;
  while (bytes.size() < 300'000) bytes += "only,ascii,here\n";
  std::istringstream in(bytes + kTextGb);
  TextInput input(in, std::nullopt);
  EXPECT_EQ(Read(&input), bytes + "编号,名称é\n");
  EXPECT_EQ(input.encoding(), TextEncoding::kGb18030);
  EXPECT_EQ(input.bytes_read(), bytes.size() + sizeof(kTextGb) - 1);
}

TEST(TextInputTest, AnEmptyFileIsAnEmptyText) {
  std::istringstream in("");
  TextInput input(in, std::nullopt);
  EXPECT_EQ(Read(&input), "");
}

}  // namespace
}  // namespace tandem::cli
