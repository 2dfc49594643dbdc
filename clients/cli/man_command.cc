// SPDX-License-Identifier: Apache-2.0

#include "cli/man_command.h"

#include <fstream>

#include "cli/man_page.h"

namespace tandem::cli {

ExitCode RunMan(const CLI::App& root, const std::string& folder, Streams streams) {
  for (const ManPage& page : ManPages(root, TANDEM_VERSION)) {
    const std::string path = folder + "/" + page.file;
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << page.text;
    out.close();
    if (!out) {
      streams.err << "tandem: " << path << " could not be written\n";
      return ExitCode::kFailed;
    }
  }
  return ExitCode::kDone;
}

}  // namespace tandem::cli
