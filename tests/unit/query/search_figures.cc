// SPDX-License-Identifier: Apache-2.0

// Prints what searches cost at a size, without the network: microseconds of CPU a search, bytes and
// seconds of the index. Run by hand: search_figures [agencies]. Names are made of real place names
// and the words of such names.

#include <malloc.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "query/search.h"
#include "support/record_catalog.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::query {
namespace {

using model::RecordType;

double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class NameMaker {
 public:
  std::string Pick(const std::vector<std::string>& words) {
    return words[random_() % words.size()];
  }
  std::string Chinese() {
    static const std::vector<std::string> kCities = {
        "长沙", "厦门", "重庆", "拉萨", "泽库", "杭州", "成都", "昆明",
        "西安", "广州", "深圳", "武汉", "南京", "苏州", "贵阳", "南宁",
        "兰州", "西宁", "银川", "海口", "福州", "济南", "青岛", "郑州"};
    static const std::vector<std::string> kFields = {
        "社会工作", "社工", "老年", "儿童", "青少年", "残障", "社区", "家庭", "医务", "精神卫生"};
    static const std::vector<std::string> kEnds = {"服务中心", "服务社", "发展中心", "事务所",
                                                   "促进会"};
    std::string own;
    for (int i = 0; i < 2; ++i) {
      // Characters of proper names: 400 common ones.
      const uint32_t c = 0x4E00 + static_cast<uint32_t>(random_() % 400) * 50;
      own.push_back(static_cast<char>(0xE0 | (c >> 12)));
      own.push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
      own.push_back(static_cast<char>(0x80 | (c & 0x3F)));
    }
    return Pick(kCities) + "市" + own + Pick(kFields) + Pick(kEnds);
  }
  std::string English() {
    static const std::vector<std::string> kFirst = {"Sunshine", "Spring", "Harbour", "Lotus",
                                                    "Bridge",   "Dawn",   "Rainbow", "Pine",
                                                    "River",    "Cedar"};
    static const std::vector<std::string> kSecond = {"Social", "Community", "Family", "Children",
                                                     "Elderly"};
    return Pick(kFirst) + std::to_string(random_() % 5000) + " " + Pick(kSecond) + " Services";
  }
  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_{1};
};

void Measure(const catalog::View& view, const char* what, const std::vector<std::string>& texts,
             const std::string& order_by) {
  const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{1});
  size_t rows = 0;
  int by_levels = 0;
  constexpr int kRounds = 5;
  const double start = CpuSeconds();
  for (int round = 0; round < kRounds; ++round) {
    for (const std::string& text : texts) {
      SearchQuery query;
      query.text = text;
      query.list.order_by = order_by;
      query.list.page_size = 20;
      SearchStats stats;
      auto page = Search(view, tokens, query, &stats);
      if (!page.ok()) std::abort();
      rows += page->rows.size();
      by_levels += stats.levels_filled > 0 ? 1 : 0;
    }
  }
  const auto searches = static_cast<double>(texts.size() * kRounds);
  std::printf("%-28s %-10s %8.1f us CPU, %5.1f rows, %3.0f%% level by level\n", what,
              order_by.c_str(), (CpuSeconds() - start) / searches * 1e6,
              static_cast<double>(rows) / searches, by_levels * 100 / searches);
}

int Run(int agencies) {
  testing::RecordCatalog records((catalog::CatalogOptions()));
  NameMaker names;
  std::vector<std::string> two, four, english, prefix, pinyin;
  std::vector<std::shared_ptr<const google::protobuf::Message>> batch;
  for (int i = 0; i < agencies; ++i) {
    auto agency = std::make_shared<v1::Agency>();
    char id[32];
    std::snprintf(id, sizeof(id), "agencies/syn-%07d", i);
    agency->set_name(id);
    agency->set_display_name(names.Chinese());
    agency->add_names()->set_text(names.English());
    agency->set_what_we_do("为老年人、儿童和残疾人提供专业社会工作服务,包括个案、小组和社区工作。");
    agency->mutable_assessment()->set_points(static_cast<int32_t>(names.random()() % 1001));
    if (i % (agencies / 400) == 0) {
      const std::string& name = agency->display_name();
      two.push_back(name.substr(3 * (names.random()() % 8), 6));
      four.push_back(name.substr(3 * (names.random()() % 3), 12));
      const std::string& other = agency->names(0).text();
      english.push_back(other.substr(0, other.rfind(' ')));
      prefix.push_back(other.substr(0, 6));
      pinyin.push_back(i % 2 == 0 ? "changsha" : "hangzhou");
    }
    batch.push_back(std::move(agency));
    if (batch.size() == 1000 || i + 1 == agencies) {
      records.Put(RecordType::kAgency, batch, false);
      batch.clear();
    }
  }
  records.catalog().WaitUntilMaintained();
  const auto view = records.view();
  std::printf("%d agencies in %zu segments, %.0f bytes each\n", agencies,
              view->segments(RecordType::kAgency).size(),
              static_cast<double>(records.catalog().MemoryBytes()) / agencies);
  size_t postings = 0;
  for (const auto& part : view->segments(RecordType::kAgency)) {
    if (part.sealed()) postings += part.segment().postings()->MemoryBytes();
  }
  std::printf("text postings: %.0f bytes each\n", static_cast<double>(postings) / agencies);
  for (const char* order : {"relevance", "rating"}) {
    Measure(*view, "two Chinese characters", two, order);
    Measure(*view, "four Chinese characters", four, order);
    Measure(*view, "two English words", english, order);
    Measure(*view, "six English letters", prefix, order);
    Measure(*view, "pinyin", pinyin, order);
    Measure(*view, "in every record: 社会", {"社会"}, order);
  }
  return 0;
}

}  // namespace
}  // namespace tandem::query

int main(int argc, char** argv) {
  return tandem::query::Run(argc > 1 ? std::atoi(argv[1]) : 100000);
}
