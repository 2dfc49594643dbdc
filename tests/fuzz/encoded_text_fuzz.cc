// SPDX-License-Identifier: Apache-2.0

// Bytes in an encoding that is told from them or named: the first byte says which. They come
// through in pieces or whole as the same text, and go back to the same bytes.
#include <sstream>
#include <string>
#include <string_view>

#include "cli/spreadsheet_date.h"
#include "cli/text_decoder.h"
#include "cli/text_input.h"
#include "cli/utf8_check.h"
#include "cli/width_fold.h"
#include "cli/xlsx_program.h"
#include "expect.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tandem;  // NOLINT(google-build-using-namespace): the entry point's body
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const unsigned char choice = fuzz::TakeByte(&rest);
  const auto encoding = static_cast<cli::TextEncoding>(choice % 4);
  std::string whole;
  cli::TextDecoder decoder(encoding);
  decoder.Decode(rest, true, &whole);
  std::string pieces;
  cli::TextDecoder slow(encoding);
  const size_t piece = 1 + choice / 4 % 7;
  for (size_t at = 0; at < rest.size(); at += piece) {
    slow.Decode(rest.substr(at, piece), false, &pieces);
  }
  slow.Decode("", true, &pieces);
  FUZZ_EXPECT(whole == pieces);
  FUZZ_EXPECT(cli::TextEncoder(encoding).Encode(whole) == rest);

  std::istringstream in{std::string(rest)};
  cli::TextInput input(in, std::nullopt);
  std::ostringstream out;
  if (input.utf8().peek() >= 0) out << input.utf8().rdbuf();
  FUZZ_EXPECT(input.bytes_read() == rest.size());
  const std::string mark =
      input.has_mark() ? cli::ByteOrderMarkBytes(input.encoding()) : std::string();
  FUZZ_EXPECT(mark + cli::TextEncoder(input.encoding()).Encode(out.str()) == rest);

  // The small readers of cells take anything.
  if (!cli::InvalidUtf8At(rest)) {
    FUZZ_EXPECT(cli::FoldWidth(cli::FoldWidth(rest)) == cli::FoldWidth(rest));
  }
  if (const auto day = cli::ReadSpreadsheetDate(rest, cli::DayNumbers::k1900)) {
    FUZZ_EXPECT(day->size() == 10);
  }
  cli::XlsxRow row;
  if (cli::ParseXlsxRow(rest, &row)) FUZZ_EXPECT(row.problems.size() <= row.cells.size());
  FUZZ_EXPECT(cli::XlsxEnd(rest) >= -1);
  return 0;
}
