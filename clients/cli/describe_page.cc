// SPDX-License-Identifier: Apache-2.0

#include "cli/describe_page.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/field_label.h"
#include "cli/field_value.h"
#include "cli/number_text.h"
#include "cli/readable_value.h"
#include "cli/text_table.h"
#include "cli/text_wrap.h"
#include "cpp/pager.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A reference with its title fits in.
constexpr size_t kWidestCell = 64;

// What the head and the foot of the page show.
bool IsBookkeeping(const std::string& name) {
  for (const char* field : {"name", "uid", "display_name", "create_time", "update_time",
                            "delete_time", "purge_time", "etag", "labels", "owner"}) {
    if (name == field) return true;
  }
  return false;
}

bool HoldsFields(const FieldDescriptor& field) {
  return field.message_type() != nullptr && !field.is_map() && !IsTextMessage(field.message_type());
}

// Whether a field says anything: "not reported" takes no line.
bool IsSet(const Message& message, const FieldDescriptor& field) {
  const auto* reflection = message.GetReflection();
  if (field.is_repeated()) return reflection->FieldSize(message, &field) > 0;
  if (!reflection->HasField(message, &field)) return false;
  return field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM ||
         reflection->GetEnumValue(message, &field) != 0;
}

class Printer {
 public:
  Printer(const DescribePage& page, const PageStyle& style, std::ostream* out)
      : page_(page), style_(style), out_(out) {}

  void Print() {
    Head();
    PrintMessage(*page_.record, "");
    Labels();
    Foot();
    for (const RelatedRecords& related : page_.related) Related(related);
  }

 private:
  using Line = std::pair<std::string, std::vector<std::string>>;

  void Heading(const std::string& text) {
    *out_ << '\n'
          << (style_.colour ? "\x1b[1m" : "") << OneLine(text) << (style_.colour ? "\x1b[0m" : "")
          << '\n';
  }

  void Head() {
    const std::string title = client::TextField(*page_.record, "display_name");
    const std::string name = client::TextField(*page_.record, "name");
    *out_ << (style_.colour ? "\x1b[1m" : "") << OneLine(title.empty() ? name : title)
          << (style_.colour ? "\x1b[0m" : "") << '\n'
          << page_.noun->Record()->name() << ' ' << page_.noun->chinese << "  " << OneLine(name)
          << '\n';
  }

  // A value with the display name of the record it refers to.
  std::string Titled(const std::string& value) const {
    const auto title = page_.titles.find(value);
    return title == page_.titles.end() ? value : absl::StrCat(value, "  ", title->second);
  }

  std::vector<std::string> Values(const Message& message, const FieldDescriptor& field) const {
    if (!field.is_repeated()) {
      return {Titled(ReadableValue(message, field, -1, style_.zone))};
    }
    std::vector<std::string> values;
    bool titled = false;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      const std::string value = ReadableValue(message, field, i, style_.zone);
      values.push_back(Titled(value));
      titled |= values.back() != value;
    }
    // References stand one a line, other lists in one.
    if (!titled) return {absl::StrJoin(values, ", ")};
    return values;
  }

  // Labels on the left, values hanging on the right.
  void Lines(const std::vector<Line>& lines) {
    size_t label_width = 0;
    for (const auto& [label, values] : lines) {
      label_width = std::max(label_width, DisplayWidth(label));
    }
    const size_t indent = label_width + 4;
    const size_t value_width = style_.width > indent + 20 ? style_.width - indent : 20;
    for (const auto& [label, values] : lines) {
      std::string left = "  " + PadRight(label, label_width) + "  ";
      for (const std::string& value : values) {
        for (const std::string& part : WrapText(value, value_width)) {
          *out_ << left << part << '\n';
          left.assign(indent, ' ');
        }
      }
    }
  }

  // The plain fields of a message, then its parts, each under a heading of its own.
  void PrintMessage(const Message& message, const std::string& heading) {
    const auto* type = message.GetDescriptor();
    std::vector<Line> lines;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      const bool skipped = heading.empty() && IsBookkeeping(field.name());
      if (skipped || HoldsFields(field) || field.is_map() || !IsSet(message, field)) continue;
      lines.emplace_back(FieldLabel(field), Values(message, field));
    }
    if (!heading.empty() && !lines.empty()) Heading(heading);
    if (heading.empty() && !lines.empty()) *out_ << '\n';
    Lines(lines);
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      if (!HoldsFields(field) || !IsSet(message, field)) continue;
      const std::string below =
          heading.empty() ? FieldLabel(field) : absl::StrCat(heading, " · ", FieldLabel(field));
      if (field.is_repeated()) {
        PrintList(message, field, below);
      } else {
        PrintMessage(message.GetReflection()->GetMessage(message, &field), below);
      }
    }
  }

  // One leaf column of a table of messages.
  struct Leaf {
    std::vector<const FieldDescriptor*> path;
  };

  void CollectLeaves(const google::protobuf::Descriptor& type,
                     const std::vector<const FieldDescriptor*>& above, std::vector<Leaf>* leaves) {
    for (int i = 0; i < type.field_count(); ++i) {
      const FieldDescriptor& field = *type.field(i);
      if (field.is_map()) continue;
      std::vector<const FieldDescriptor*> path = above;
      path.push_back(&field);
      if (!HoldsFields(field)) {
        leaves->push_back({std::move(path)});
      } else if (!field.is_repeated() && above.size() < 2) {
        CollectLeaves(*field.message_type(), path, leaves);
      }
    }
  }

  std::string LeafText(const Message& element, const Leaf& leaf) const {
    const Message* message = &element;
    for (size_t i = 0; i + 1 < leaf.path.size(); ++i) {
      message = &message->GetReflection()->GetMessage(*message, leaf.path[i]);
    }
    const FieldDescriptor& field = *leaf.path.back();
    return IsSet(*message, field) ? absl::StrJoin(Values(*message, field), ", ") : "";
  }

  void PrintList(const Message& message, const FieldDescriptor& field, const std::string& heading) {
    const auto* reflection = message.GetReflection();
    const int size = reflection->FieldSize(message, &field);
    std::vector<Leaf> all;
    CollectLeaves(*field.message_type(), {}, &all);
    std::vector<TableColumn> columns;
    std::vector<Leaf> used;
    for (const Leaf& leaf : all) {
      bool any = false;
      for (int i = 0; i < size && !any; ++i) {
        any = !LeafText(reflection->GetRepeatedMessage(message, &field, i), leaf).empty();
      }
      if (!any) continue;
      const auto type = leaf.path.back()->cpp_type();
      const bool number =
          !leaf.path.back()->is_repeated() &&
          (type == FieldDescriptor::CPPTYPE_INT32 || type == FieldDescriptor::CPPTYPE_INT64);
      columns.push_back({FieldLabel(*leaf.path.back()), number, kWidestCell});
      used.push_back(leaf);
    }
    if (columns.empty()) return;
    Heading(absl::StrCat(heading, " (", size, ")"));
    TextTable table(std::move(columns), 2, 2);
    for (int i = 0; i < size; ++i) {
      std::vector<std::string> cells;
      for (const Leaf& leaf : used) {
        cells.push_back(LeafText(reflection->GetRepeatedMessage(message, &field, i), leaf));
      }
      table.AddRow(std::move(cells));
    }
    table.Flush(*out_, style_.colour);
  }

  void Labels() {
    const FieldDescriptor* field = page_.record->GetDescriptor()->FindFieldByName("labels");
    if (field == nullptr || !IsSet(*page_.record, *field)) return;
    // A map has no order of its own.
    std::map<std::string, std::string> labels;
    const auto* reflection = page_.record->GetReflection();
    for (int i = 0; i < reflection->FieldSize(*page_.record, field); ++i) {
      const Message& entry = reflection->GetRepeatedMessage(*page_.record, field, i);
      labels[client::TextField(entry, "key")] = client::TextField(entry, "value");
    }
    Heading("Labels 标签");
    std::vector<Line> lines;
    for (const auto& [key, value] : labels) {
      lines.push_back({OneLine(key), {value}});
    }
    Lines(lines);
  }

  void Foot() {
    std::vector<Line> lines;
    const auto* type = page_.record->GetDescriptor();
    for (const char* name :
         {"owner", "create_time", "update_time", "delete_time", "purge_time", "etag", "uid"}) {
      const FieldDescriptor* field = type->FindFieldByName(name);
      if (field == nullptr || !IsSet(*page_.record, *field)) continue;
      lines.emplace_back(FieldLabel(*field), Values(*page_.record, *field));
    }
    if (lines.empty()) return;
    Heading("Record 记录");
    Lines(lines);
  }

  void Related(const RelatedRecords& related) {
    const std::string plural = related.noun->plural;
    Heading(absl::StrCat(FirstUpper(plural), " ", related.noun->chinese, " (",
                         GroupedNumber(related.count), related.more ? "+" : "", ")"));
    std::vector<TableColumn> columns;
    std::vector<std::string> paths;
    for (const NounColumn& column : related.noun->columns) {
      if (column.wide) continue;
      columns.push_back({column.header, column.align_right, 40});
      paths.push_back(column.path);
    }
    TextTable table(std::move(columns), 2, 2);
    for (const auto& record : related.shown) {
      std::vector<std::string> cells;
      for (const std::string& path : paths) cells.push_back(CellText(*record, path));
      table.AddRow(std::move(cells));
    }
    table.Flush(*out_, style_.colour);
    if (related.more || related.count > static_cast<int64_t>(related.shown.size())) {
      *out_ << "  all 全部: tandem " << related.noun->word << " list --all "
            << OneLine(related.flags) << '\n';
    }
  }

  static std::string FirstUpper(std::string text) {
    if (!text.empty()) text[0] = absl::ascii_toupper(static_cast<unsigned char>(text[0]));
    return text;
  }

  const DescribePage& page_;
  const PageStyle& style_;
  std::ostream* const out_;
};

}  // namespace

void PrintDescribePage(const DescribePage& page, const PageStyle& style, std::ostream& out) {
  Printer(page, style, &out).Print();
}

}  // namespace tandem::cli
