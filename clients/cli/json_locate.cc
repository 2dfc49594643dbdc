// SPDX-License-Identifier: Apache-2.0

#include <utility>

#include "absl/strings/ascii.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "cli/json_reader.h"
#include "cli/place_iterator.h"

namespace tandem::cli {
namespace {

// lowerCamel for snake_case; lowerCamel stays as it is.
std::string CamelCase(std::string_view path) {
  std::string out;
  bool raise = false;
  for (char c : path) {
    if (c == '_') {
      raise = true;
      continue;
    }
    out.push_back(raise ? absl::ascii_toupper(static_cast<unsigned char>(c)) : c);
    raise = false;
  }
  return out;
}

// Looks for one key while the parser walks the text. Stops there.
class KeyFinder {
 public:
  KeyFinder(std::string wanted, const char* start, const char* const* place)
      : wanted_(std::move(wanted)), start_(start), place_(place) {}

  std::optional<size_t> found() const { return found_; }

  bool null() { return Value(); }
  bool boolean(bool) { return Value(); }
  bool number_integer(int64_t) { return Value(); }
  bool number_unsigned(uint64_t) { return Value(); }
  bool number_float(double, const std::string&) { return Value(); }
  bool string(std::string&) { return Value(); }
  bool binary(std::vector<uint8_t>&) { return false; }
  bool start_object(size_t) { return Open(false); }
  bool start_array(size_t) { return Open(true); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::json::exception&) { return false; }

  bool key(std::string& name) {
    frames_.back().key = CamelCase(name);
    if (Path() != wanted_) return true;
    // The key's token ends here: name and two quotes. Escapes in names of fields do not occur.
    found_ = static_cast<size_t>(*place_ - start_) - name.size() - 2;
    return false;
  }

 private:
  struct Frame {
    bool array = false;
    size_t index = 0;
    std::string key;
  };

  bool Value() {
    if (!frames_.empty() && frames_.back().array) ++frames_.back().index;
    return true;
  }
  bool Open(bool array) {
    frames_.push_back({array, 0, ""});
    return true;
  }
  bool Close() {
    frames_.pop_back();
    return Value();
  }
  std::string Path() const {
    std::string path;
    for (const Frame& frame : frames_) {
      if (frame.array) {
        path += fmt::format("[{}]", frame.index);
      } else {
        path += (path.empty() ? "" : ".") + frame.key;
      }
    }
    return path;
  }

  const std::string wanted_;
  const char* const start_;
  const char* const* const place_;
  std::vector<Frame> frames_;
  std::optional<size_t> found_;
};

std::optional<size_t> FindExact(std::string_view text, std::string path) {
  const char* place = text.data();
  KeyFinder finder(std::move(path), text.data(), &place);
  nlohmann::json::sax_parse(PlaceIterator(text.data(), &place),
                            PlaceIterator(text.data() + text.size(), &place), &finder);
  return finder.found();
}

}  // namespace

std::optional<size_t> FindJsonField(std::string_view text, std::string_view path) {
  std::string wanted = CamelCase(path);
  // "former_names[2]" has no key of its own: the list's is the place.
  if (!wanted.empty() && wanted.back() == ']') wanted.erase(wanted.rfind('['));
  if (text.empty() || wanted.empty()) return std::nullopt;
  if (auto offset = FindExact(text, wanted)) return offset;
  const size_t dot = wanted.find('.');
  if (dot == std::string::npos) return std::nullopt;
  return FindExact(text, wanted.substr(dot + 1));
}

}  // namespace tandem::cli
