// SPDX-License-Identifier: Apache-2.0

#include "cli/search_command.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/nearest_word.h"
#include "cli/noun.h"
#include "cli/record_printer.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"
#include "tandem/v1/search.pb.h"

namespace tandem::cli {
namespace {

constexpr int kLargestPage = 1000;
constexpr double kE7 = 1e7;

struct SearchOptions {
  std::vector<std::string> words;
  std::string in = "agencies";
  std::string filter;
  std::string order_by;
  std::string near;
  double radius_km = 0;
  std::vector<std::string> facets;
  std::string page_token;
  int page_size = 0;
  bool names_only = false;
  bool highlight = false;
};

struct SuggestOptions {
  std::vector<std::string> words;
  std::string in = "agencies";
  std::string filter;
  int limit = 0;
};

// The noun for what a person wrote after --in.
const Noun* NounOf(const std::string& written) {
  for (const Noun& noun : AllNouns()) {
    if (noun.Method("Search") == nullptr) continue;
    if (written == noun.word || written == noun.plural || written == noun.Collection()) {
      return &noun;
    }
  }
  return nullptr;
}

std::vector<std::string> SearchedPlurals() {
  std::vector<std::string> plurals;
  for (const Noun& noun : AllNouns()) {
    if (noun.Method("Search") != nullptr) plurals.push_back(noun.plural);
  }
  return plurals;
}

void AddInOption(CLI::App* app, std::string* in) {
  app->add_option("--in", *in, absl::StrJoin(SearchedPlurals(), ", "))
      ->check([](const std::string& written) {
        if (NounOf(written) != nullptr) return std::string();
        return fmt::format("{} can't be searched{}; one of {}", written,
                           DidYouMean(written, SearchedPlurals()),
                           absl::StrJoin(SearchedPlurals(), ", "));
      })
      ->capture_default_str();
}

// "28.2,112.9" as a point; nullopt for anything else.
std::optional<v1::GeoPoint> ReadPoint(const std::string& text) {
  const size_t comma = text.find(',');
  double latitude = 0, longitude = 0;
  if (comma == std::string::npos || !absl::SimpleAtod(text.substr(0, comma), &latitude) ||
      !absl::SimpleAtod(text.substr(comma + 1), &longitude) || !(std::abs(latitude) <= 90) ||
      !(std::abs(longitude) <= 180)) {
    return std::nullopt;
  }
  v1::GeoPoint point;
  point.set_latitude_e7(static_cast<int32_t>(std::lround(latitude * kE7)));
  point.set_longitude_e7(static_cast<int32_t>(std::lround(longitude * kE7)));
  return point;
}

absl::Status SetNear(const SearchOptions& options, google::protobuf::Message* request) {
  if (options.near.empty()) {
    if (options.radius_km > 0) return UsageError("--radius-km needs --near");
    return absl::OkStatus();
  }
  v1::NearPlace near;
  if (options.near.find(',') != std::string::npos) {
    const std::optional<v1::GeoPoint> point = ReadPoint(options.near);
    if (!point) {
      return UsageError(
          fmt::format("--near {}: write LATITUDE,LONGITUDE in degrees or a region", options.near));
    }
    *near.mutable_point() = *point;
  } else {
    near.set_region(options.near.find('/') == std::string::npos ? "regions/" + options.near
                                                                : options.near);
  }
  near.set_radius_metres(std::llround(options.radius_km * 1000));
  const auto* field = request->GetDescriptor()->FindFieldByName("near");
  request->GetReflection()->MutableMessage(request, field)->CopyFrom(near);
  return absl::OkStatus();
}

void PrintFacets(const google::protobuf::Message& page, std::ostream& out) {
  const auto* reflection = page.GetReflection();
  const auto* field = page.GetDescriptor()->FindFieldByName("facets");
  for (int i = 0; i < reflection->FieldSize(page, field); ++i) {
    const auto& facet =
        static_cast<const v1::Facet&>(reflection->GetRepeatedMessage(page, field, i));
    std::vector<std::string> values;
    for (const v1::FacetValue& value : facet.values()) {
      values.push_back(fmt::format("{} {}", LastPart(value.value()), value.result_count()));
    }
    out << facet.field() << ": " << absl::StrJoin(values, ", ") << "\n";
  }
}

// The records of the results in the noun's table, or their names.
absl::Status PrintResults(Session& session, const Noun& noun,
                          const google::protobuf::Message& page) {
  const auto* reflection = page.GetReflection();
  const auto* results = page.GetDescriptor()->FindFieldByName("results");
  const auto* record = RecordField(results->message_type(), noun.Record());
  ListPrinter list(session.output(), noun.Collection(), noun.columns);
  for (int i = 0; i < reflection->FieldSize(page, results); ++i) {
    const auto& result = reflection->GetRepeatedMessage(page, results, i);
    RETURN_IF_ERROR(list.Add(result.GetReflection()->GetMessage(result, record)));
  }
  list.End(client::TextField(page, "next_page_token"), Int64Field(page, "revision"));
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunSearch(Session& session, const SearchOptions& options) {
  const Noun& noun = *NounOf(options.in);
  RETURN_IF_ERROR(CheckColumns(session.output(), *noun.Record()));
  const auto* method = noun.Method("Search");
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "text", absl::StrJoin(options.words, " "));
  SetText(request.get(), "filter", options.filter);
  SetText(request.get(), "order_by", options.order_by);
  SetText(request.get(), "page_token", options.page_token);
  SetInt32(request.get(), "page_size", options.page_size);
  SetBool(request.get(), "names_only", options.names_only);
  SetBool(request.get(), "highlight", options.highlight);
  RETURN_IF_ERROR(SetNear(options, request.get()));
  const auto* facets = request->GetDescriptor()->FindFieldByName("facets");
  for (const std::string& facet : options.facets) {
    request->GetReflection()->AddString(request.get(), facets, facet);
  }
  auto page = NewMessage(method->output_type());
  RETURN_IF_ERROR(session.Public().Call(*method, *request, page.get()));
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    RETURN_IF_ERROR(PrintAnswer(output, *page));
    return ExitCode::kDone;
  }
  RETURN_IF_ERROR(PrintResults(session, noun, *page));
  if (output.format != OutputFormat::kTable) return ExitCode::kDone;
  PrintFacets(*page, output.out);
  if (session.quiet()) return ExitCode::kDone;
  const auto* loose = page->GetDescriptor()->FindFieldByName("loose");
  if (page->GetReflection()->GetBool(*page, loose)) {
    session.err() << "nothing has all words as typed; these have them with a typo or apart\n";
  }
  const std::string next = client::TextField(*page, "next_page_token");
  if (!next.empty()) session.err() << "more follow: --page-token " << next << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunSuggest(Session& session, const SuggestOptions& options) {
  const auto* method = NounOf(options.in)->Method("Suggest");
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "text", absl::StrJoin(options.words, " "));
  SetText(request.get(), "filter", options.filter);
  SetInt32(request.get(), "page_size", options.limit);
  auto response = NewMessage(method->output_type());
  RETURN_IF_ERROR(session.Public().Call(*method, *request, response.get()));
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    RETURN_IF_ERROR(PrintAnswer(output, *response));
    return ExitCode::kDone;
  }
  const auto* reflection = response->GetReflection();
  const auto* suggestions = response->GetDescriptor()->FindFieldByName("suggestions");
  for (int i = 0; i < reflection->FieldSize(*response, suggestions); ++i) {
    const auto& suggestion = reflection->GetRepeatedMessage(*response, suggestions, i);
    // The display name, then the record's name.
    const bool names = output.format == OutputFormat::kName;
    output.out << client::TextField(suggestion,
                                    suggestion.GetDescriptor()->field(names ? 1 : 0)->name())
               << "\n";
  }
  return ExitCode::kDone;
}

}  // namespace

void AddSearchCommands(CLI::App* root, Action* chosen) {
  AddCommand<SearchOptions>(
      root, chosen, "search", "Find records by text: Chinese, pinyin, initials or English",
      [](CLI::App* app, SearchOptions* options) {
        app->add_option("text", options->words, "Words; every one must be found");
        AddInOption(app, &options->in);
        app->add_option("--filter", options->filter,
                        "Which records, for example 'assessment.points >= 800'");
        app->add_option("--near", options->near, "LATITUDE,LONGITUDE in degrees, or a region");
        app->add_option("--radius-km", options->radius_km, "Only records at most this far away")
            ->check(CLI::Range(0.0, 40000.0));
        app->add_option("--order-by", options->order_by,
                        "relevance, rating, distance or fields as in list");
        app->add_option("--facet", options->facets, "Count all results by this field; repeatable")
            ->allow_extra_args(false);
        app->add_option("--page-size", options->page_size, "Results a page (server default: 50)")
            ->check(CLI::Range(1, kLargestPage));
        app->add_option("--page-token", options->page_token, "Where the last page ended");
        app->add_flag("--names-only", options->names_only, "Look at names only");
        app->add_flag("--highlight", options->highlight, "Tell what was found (-o json)");
      },
      RunSearch);
  AddCommand<SuggestOptions>(
      root, chosen, "suggest", "Complete the name of an agency, a category or a region",
      [](CLI::App* app, SuggestOptions* options) {
        app->add_option("text", options->words, "What was typed so far")->required();
        AddInOption(app, &options->in);
        app->add_option("--filter", options->filter, "Which records");
        app->add_option("--limit", options->limit, "Most names (server default: 10)")
            ->check(CLI::Range(1, 20));
      },
      RunSuggest);
}

}  // namespace tandem::cli
