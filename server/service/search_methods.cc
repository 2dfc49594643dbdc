// SPDX-License-Identifier: Apache-2.0

#include "service/search_methods.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "catalog/text_terms.h"
#include "google/protobuf/io/coded_stream.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/resource_name.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "query/highlight.h"
#include "query/search.h"
#include "service/byte_buffer.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;
// The requests and answers of all searches, and of all suggestions, have the same fields under the
// same numbers (a test holds that), so one class reads and writes them all.
using SearchRequest = v1::SearchAgenciesRequest;
using SearchResponse = v1::SearchAgenciesResponse;
using Match = v1::AgencyMatch;

constexpr char kRecordTag = 0x0A;
// Room in a page for what is no record: token, facets.
constexpr size_t kPageOverhead = size_t{256} << 10U;
constexpr int32_t kDefaultSuggestions = 10;
constexpr int32_t kMaxSuggestions = 20;
// Results looked at for a suggestion: several records may share a name.
constexpr int32_t kSuggestionReserve = 5;

void AppendField(std::string_view bytes, std::string* out) {
  uint8_t size[10];
  const uint8_t* end =
      google::protobuf::io::CodedOutputStream::WriteVarint64ToArray(bytes.size(), size);
  out->push_back(kRecordTag);
  out->append(reinterpret_cast<const char*>(size), static_cast<size_t>(end - size));
  out->append(bytes);
}

// The centroid of the region, or of the nearest one above it that has one.
absl::StatusOr<query::Place> PlaceOfRegion(const catalog::View& view, const std::string& name) {
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kRegion, name, "near.region"));
  std::optional<catalog::RowRef> region = view.Find(RecordType::kRegion, id);
  if (!region || region->deleted()) return NotFound(RecordType::kRegion, id);
  for (std::string_view at : view.tree(RecordType::kRegion).AncestorsOrSelf(name)) {
    const std::optional<catalog::RowRef> row = view.FindName(at);
    if (!row) continue;
    if (auto place = query::PlaceOf(*row->segment, row->row)) return *place;
  }
  return model::FieldsInvalid(
      {{"near.region", StrCat(name, " has no centroid, nor has any region above it")}});
}

absl::StatusOr<query::SearchQuery> QueryOf(const model::ResourceTraits& resource,
                                           const SearchRequest& request, const UnaryCall& call,
                                           const catalog::View& view) {
  if (request.page_size() < 0) return model::FieldsInvalid({{"page_size", "is negative"}});
  query::SearchQuery query;
  query.list.type = resource.type;
  query.list.filter = request.filter();
  query.list.order_by = request.order_by();
  query.list.page_size = request.page_size();
  query.list.page_token = request.page_token();
  query.list.scope = call.scope();
  query.list.deadline = call.deadline();
  query.text = request.text();
  query.names_only = request.names_only();
  query.facets.assign(request.facets().begin(), request.facets().end());
  if (!request.has_near()) return query;
  const v1::NearPlace& near = request.near();
  if (near.has_point() == !near.region().empty()) {
    return model::FieldsInvalid({{"near", "must have a point or a region"}});
  }
  query.near.emplace();
  query.near->radius_metres = near.radius_metres();
  query.near->place = {near.point().latitude_e7(), near.point().longitude_e7()};
  if (!near.region().empty()) {
    ASSIGN_OR_RETURN(query.near->place, PlaceOfRegion(view, near.region()));
  }
  return query;
}

// The texts of `path` below `message`; paths go through repeated messages.
void CollectTexts(const google::protobuf::Message& message, std::string_view path,
                  std::vector<std::string>* texts) {
  const size_t dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  const auto* reflection = message.GetReflection();
  const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
  for (int i = 0; i < size; ++i) {
    if (field->message_type() != nullptr) {
      CollectTexts(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, i)
                                        : reflection->GetMessage(message, field),
                   path.substr(dot + 1), texts);
    } else {
      texts->push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                            : reflection->GetString(message, field));
    }
  }
}

absl::Status AddHighlights(const model::ResourceTraits& resource, std::string_view bytes,
                           const query::SearchText& text, bool loose, Match* match) {
  std::unique_ptr<google::protobuf::Message> record(resource.prototype->New());
  RETURN_IF_ERROR(ParseStored(bytes, resource.plural, record.get()));
  for (const catalog::TextSource& source : catalog::TextSourcesOf(resource.type)) {
    std::vector<std::string> texts;
    CollectTexts(*record, source.path, &texts);
    for (const std::string& found_in : texts) {
      const std::vector<query::TextSpan> spans = query::FindSpans(text, found_in, loose);
      if (spans.empty()) continue;
      v1::Highlight* highlight = match->add_highlights();
      highlight->set_field(std::string(source.path));
      highlight->set_text(found_in);
      for (const query::TextSpan& span : spans) {
        v1::HighlightSpan* out = highlight->add_spans();
        out->set_begin(span.begin);
        out->set_end(span.end);
      }
    }
  }
  return absl::OkStatus();
}

// Appends the results to `out`; returns how many fitted into an answer.
absl::StatusOr<size_t> AppendResults(const model::ResourceTraits& resource,
                                     const query::SearchPage& page, bool highlight,
                                     const std::string& text, DirectoryReader* reader,
                                     std::string* out) {
  query::SearchText words;
  if (highlight) {
    ASSIGN_OR_RETURN(words, query::ReadSearchText(text, reader->view().synonyms()));
  }
  std::string one;
  for (size_t i = 0; i < page.rows.size(); ++i) {
    const query::SearchRow& row = page.rows[i];
    ASSIGN_OR_RETURN(store::RecordBytes bytes,
                     reader->ReadBytes(resource.type, row.id, row.revision));
    one.clear();
    AppendField(bytes.bytes(), &one);
    if (row.distance_metres || highlight) {
      Match rest;
      if (row.distance_metres) rest.set_distance_metres(*row.distance_metres);
      if (highlight) {
        RETURN_IF_ERROR(AddHighlights(resource, bytes.bytes(), words, page.loose, &rest));
      }
      rest.AppendToString(&one);
    }
    if (out->size() + one.size() + kPageOverhead > kMaxResponseBytes) return i;
    AppendField(one, out);
  }
  return page.rows.size();
}

absl::StatusOr<std::string> SearchBytes(const model::ResourceTraits& resource,
                                        const UnaryCall& call, const SearchRequest& request,
                                        DirectoryReader* reader) {
  const Directory& directory = call.directory();
  ASSIGN_OR_RETURN(query::SearchQuery query, QueryOf(resource, request, call, reader->view()));
  ASSIGN_OR_RETURN(query::SearchPage page, query::Search(reader->view(), *directory.tokens, query));
  std::string out;
  ASSIGN_OR_RETURN(size_t fitted, AppendResults(resource, page, request.highlight(), request.text(),
                                                reader, &out));
  if (fitted < page.rows.size()) {
    // Large records: a shorter page of the same view, so that its token goes on behind it.
    query.list.page_size = static_cast<int32_t>(fitted);
    ASSIGN_OR_RETURN(page, query::Search(reader->view(), *directory.tokens, query));
  }
  SearchResponse rest;
  rest.set_next_page_token(page.next_page_token);
  rest.set_revision(page.revision);
  rest.set_loose(page.loose);
  if (page.total >= 0) rest.set_total_count(page.total);
  for (const query::Facet& facet : page.facets) {
    v1::Facet* facet_out = rest.add_facets();
    facet_out->set_field(facet.field);
    for (const query::FacetValue& value : facet.values) {
      v1::FacetValue* value_out = facet_out->add_values();
      value_out->set_value(value.value);
      value_out->set_result_count(value.count);
    }
  }
  rest.AppendToString(&out);
  return out;
}

void Search(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call,
            const SearchRequest& request, bool may_block) {
  DirectoryReader reader(call->directory(), may_block);
  absl::StatusOr<std::string> bytes = SearchBytes(resource, *call, request, &reader);
  if (reader.missed()) {
    return RunOnWorker(call, [&resource, call, request] { Search(resource, call, request, true); });
  }
  if (!bytes.ok()) return call->Fail(bytes.status());
  call->Reply(MoveToBuffer(*std::move(bytes)), reader.revision());
}

UnaryHandler SearchHandler(const model::ResourceTraits& resource) {
  return [&resource](std::shared_ptr<UnaryCall> call) {
    SearchRequest request;
    if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
    if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
    // Counting and finding typos may look at every record: not on gRPC's thread.
    if (!request.facets().empty()) {
      return RunOnWorker(call,
                         [&resource, call, request] { Search(resource, call, request, true); });
    }
    Search(resource, std::move(call), request, /*may_block=*/false);
  };
}

absl::StatusOr<v1::SuggestAgenciesResponse> Suggest(RecordType type, const UnaryCall& call,
                                                    const v1::SuggestAgenciesRequest& request,
                                                    const catalog::View& view) {
  if (request.page_size() < 0) return model::FieldsInvalid({{"page_size", "is negative"}});
  const int32_t wanted = request.page_size() == 0 ? kDefaultSuggestions
                                                  : std::min(request.page_size(), kMaxSuggestions);
  v1::SuggestAgenciesResponse response;
  response.set_revision(view.revision());
  query::SearchQuery query;
  query.list.type = type;
  query.list.filter = request.filter();
  query.list.page_size = wanted * kSuggestionReserve;
  query.list.scope = call.scope();
  query.list.deadline = call.deadline();
  query.text = request.text();
  query.names_only = true;
  ASSIGN_OR_RETURN(query::SearchText text, query::ReadSearchText(request.text(), view.synonyms()));
  if (text.words.empty()) return response;
  ASSIGN_OR_RETURN(query::SearchPage page, query::Search(view, *call.directory().tokens, query));
  const auto* name = catalog::FieldTable::Of(type).Find("display_name");
  absl::flat_hash_set<std::string> seen;
  for (const query::SearchRow& row : page.rows) {
    const std::optional<catalog::RowRef> found = view.Find(type, row.id);
    if (!found || response.suggestions_size() == wanted) break;
    std::string shown(found->segment->Text(name->id, found->row).value_or(""));
    if (!seen.insert(shown).second) continue;
    v1::AgencySuggestion* suggestion = response.add_suggestions();
    suggestion->set_text(std::move(shown));
    suggestion->set_agency(StrCat(catalog::NamePrefix(type), row.id));
  }
  return response;
}

UnaryHandler SuggestHandler(RecordType type) {
  return [type](std::shared_ptr<UnaryCall> call) {
    v1::SuggestAgenciesRequest request;
    if (absl::Status parsed = call->Parse(&request); !parsed.ok()) return call->Fail(parsed);
    if (absl::Status allowed = call->Authorise({}); !allowed.ok()) return call->Fail(allowed);
    // Only columns are read, nothing that may wait.
    DirectoryReader reader(call->directory(), /*may_block=*/false);
    absl::StatusOr<v1::SuggestAgenciesResponse> response =
        Suggest(type, *call, request, reader.view());
    if (!response.ok()) return call->Fail(response.status());
    call->Reply(*response, reader.revision());
  };
}

}  // namespace

void AddSearchMethods(HandlerTable* table) {
  for (RecordType type : {RecordType::kAgency, RecordType::kServiceCategory, RecordType::kRegion}) {
    const model::ResourceTraits& resource = *model::FindResource(type);
    table->unary.emplace(StrCat(resource.service, "/Search", resource.plural_name),
                         SearchHandler(resource));
    table->unary.emplace(StrCat(resource.service, "/Suggest", resource.plural_name),
                         SuggestHandler(type));
  }
}

}  // namespace tandem::service
