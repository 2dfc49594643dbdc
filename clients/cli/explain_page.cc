// SPDX-License-Identifier: Apache-2.0

#include "cli/explain_page.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "cli/api_description.h"
#include "cli/display_width.h"
#include "cli/field_facts.h"
#include "cli/text_wrap.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// Marks of the field at `path` of the subject's record.
std::vector<std::string> QueryMarks(const ExplainSubject& subject, const std::string& path) {
  std::vector<std::string> marks;
  if (!subject.queryable) return marks;
  if (subject.queryable->filterable.count(path) > 0) marks.push_back("filterable");
  if (subject.queryable->orderable.count(path) > 0) marks.push_back("orderable");
  return marks;
}

std::string PathBelow(const ExplainSubject& subject, const FieldDescriptor& field) {
  return subject.path.empty() ? field.name() : absl::StrCat(subject.path, ".", field.name());
}

// "text · required · at most 200 characters · filterable".
std::string Facts(const ExplainSubject& subject, const FieldDescriptor& field,
                  const std::string& path) {
  std::vector<std::string> facts = {FieldTypeText(field)};
  for (std::string& rule : FieldRules(field)) facts.push_back(std::move(rule));
  for (std::string& mark : QueryMarks(subject, path)) facts.push_back(std::move(mark));
  return absl::StrJoin(facts, " · ");
}

class Page {
 public:
  Page(size_t width, bool colour, std::ostream* out) : width_(width), colour_(colour), out_(out) {}

  void Heading(const std::string& text) {
    *out_ << (colour_ ? "\x1b[1m" : "") << text << (colour_ ? "\x1b[0m" : "") << '\n';
  }
  void Text(const std::string& text, size_t indent) {
    for (const std::string& line : WrapText(text, width_ - indent)) {
      *out_ << std::string(indent, ' ') << line << '\n';
    }
  }
  void Blank() { *out_ << '\n'; }

  // "  name  facts" with the facts hanging behind the name, then the comment below it.
  void Entry(const std::string& name, const std::string& facts, const std::string& comment) {
    const std::string head = absl::StrCat("  ", name, facts.empty() ? "" : "  ");
    const size_t indent = std::min<size_t>(DisplayWidth(head), width_ / 2);
    const std::vector<std::string> lines = WrapText(facts, width_ - indent);
    *out_ << (colour_ ? "\x1b[1m" : "") << head << (colour_ ? "\x1b[0m" : "") << lines[0] << '\n';
    for (size_t i = 1; i < lines.size(); ++i) {
      *out_ << std::string(indent, ' ') << lines[i] << '\n';
    }
    if (!comment.empty()) Text(comment, 6);
  }

 private:
  const size_t width_;
  const bool colour_;
  std::ostream* const out_;
};

void PrintValues(const EnumDescriptor& type, Page* page) {
  page->Blank();
  page->Heading("VALUES 值");
  for (int i = 0; i < type.value_count(); ++i) {
    page->Entry(type.value(i)->name(), "", CommentOf(*type.value(i)));
  }
}

void PrintFields(const ExplainSubject& subject, const Descriptor& type, const char* heading,
                 Page* page) {
  if (type.field_count() == 0) return;
  page->Blank();
  page->Heading(heading);
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    page->Entry(field.name(), Facts(subject, field, PathBelow(subject, field)), CommentOf(field));
  }
}

void PrintTree(const Descriptor& type, size_t depth, std::set<const Descriptor*>* open,
               std::ostream& out) {
  if (!open->insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    out << std::string(depth * 2, ' ') << field.name() << "  " << FieldTypeText(field) << '\n';
    ExplainSubject below;
    below.field = &field;
    if (const Descriptor* fields = below.Fields()) PrintTree(*fields, depth + 1, open, out);
  }
  open->erase(&type);
}

nlohmann::ordered_json FieldDocument(const ExplainSubject& subject, const FieldDescriptor& field,
                                     const std::string& path) {
  nlohmann::ordered_json document;
  document["name"] = field.name();
  document["type"] = FieldTypeText(field);
  document["description"] = CommentOf(field);
  document["rules"] = FieldRules(field);
  if (subject.queryable) {
    document["filterable"] = subject.queryable->filterable.count(path) > 0;
    document["orderable"] = subject.queryable->orderable.count(path) > 0;
  }
  return document;
}

}  // namespace

void PrintExplainPage(const ExplainSubject& subject, size_t width, bool colour, std::ostream& out) {
  Page page(std::max<size_t>(width, 40), colour, &out);
  if (subject.method != nullptr) {
    const auto& method = *subject.method;
    page.Heading(subject.title);
    page.Blank();
    page.Text(CommentOf(method), 0);
    page.Blank();
    page.Text(absl::StrCat("Takes ", method.client_streaming() ? "a stream of " : "",
                           method.input_type()->name(), ", answers ",
                           method.server_streaming() ? "a stream of " : "",
                           method.output_type()->name(), "."),
              0);
    PrintFields(subject, *method.input_type(), "REQUEST 请求", &page);
    const Noun* answered = NounFor(method.output_type()->name());
    if (answered == nullptr) {
      PrintFields(subject, *method.output_type(), "ANSWER 应答", &page);
    } else {
      page.Blank();
      page.Text("The record: tandem explain " + answered->word, 0);
    }
    return;
  }
  if (subject.field != nullptr) {
    page.Heading(subject.title);
    page.Text(Facts(subject, *subject.field, subject.path), 2);
    page.Blank();
    page.Text(CommentOf(*subject.field), 0);
    if (subject.field->enum_type() != nullptr) PrintValues(*subject.field->enum_type(), &page);
  } else {
    const bool record = subject.noun != nullptr;
    page.Heading(record ? absl::StrCat(subject.title, "  ", subject.noun->chinese, "  ",
                                       subject.noun->NamePattern())
                        : subject.title);
  }
  if (const Descriptor* type = subject.Fields()) {
    page.Blank();
    page.Text(CommentOf(*type), 0);
    PrintFields(subject, *type, "FIELDS 字段", &page);
  }
}

void PrintFieldTree(const ExplainSubject& subject, std::ostream& out) {
  std::set<const Descriptor*> open;
  if (const Descriptor* type = subject.Fields()) PrintTree(*type, 0, &open, out);
}

nlohmann::ordered_json ExplainDocument(const ExplainSubject& subject) {
  nlohmann::ordered_json document;
  if (subject.field != nullptr) {
    document = FieldDocument(subject, *subject.field, subject.path);
    document["name"] = subject.title;
  } else {
    document["name"] = subject.title;
    document["description"] =
        subject.method != nullptr ? CommentOf(*subject.method) : CommentOf(*subject.type);
  }
  if (subject.field != nullptr && subject.field->enum_type() != nullptr) {
    const EnumDescriptor& type = *subject.field->enum_type();
    for (int i = 0; i < type.value_count(); ++i) {
      document["values"].push_back(
          {{"name", type.value(i)->name()}, {"description", CommentOf(*type.value(i))}});
    }
  }
  if (const Descriptor* type = subject.Fields()) {
    document["fields"] = nlohmann::ordered_json::array();
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor& field = *type->field(i);
      document["fields"].push_back(FieldDocument(subject, field, PathBelow(subject, field)));
    }
  }
  return document;
}

}  // namespace tandem::cli
