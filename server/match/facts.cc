// SPDX-License-Identifier: Apache-2.0

#include "match/facts.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "model/absl_strings.h"

namespace tandem::match {
namespace {

// Languages people ask for most, by primary tag; others show as their tag.
struct LanguageName {
  std::string_view tag, zh, en;
};
constexpr LanguageName kLanguageNames[] = {
    {"bo", "藏语", "Tibetan"},    {"ug", "维吾尔语", "Uyghur"},   {"mn", "蒙古语", "Mongolian"},
    {"kk", "哈萨克语", "Kazakh"}, {"za", "壮语", "Zhuang"},       {"ii", "彝语", "Yi"},
    {"ko", "朝鲜语", "Korean"},   {"ky", "柯尔克孜语", "Kyrgyz"}, {"zh", "汉语", "Chinese"},
    {"yue", "粤语", "Cantonese"}, {"hmn", "苗语", "Hmong"},       {"dng", "东干语", "Dungan"},
    {"en", "英语", "English"},
};

LanguageName NameOf(std::string_view tag) {
  const std::string_view primary = tag.substr(0, tag.find('-'));
  for (const LanguageName& name : kLanguageNames) {
    if (name.tag == primary) return name;
  }
  return {tag, tag, tag};
}

bool Holds(absl::Span<const Code> codes, Code wanted) {
  return wanted != kNoCode && std::find(codes.begin(), codes.end(), wanted) != codes.end();
}

// The first of `codes` that is in `wanted`; kNoCode when none is.
Code FirstIn(absl::Span<const Code> codes, absl::Span<const Code> wanted) {
  for (Code code : codes) {
    if (Holds(wanted, code)) return code;
  }
  return kNoCode;
}

class FactFinder {
 public:
  FactFinder(const RoundSnapshot& snapshot, const PlanPair& pair)
      : s_(snapshot),
        pair_(pair),
        need_(snapshot.needs[pair.need]),
        offer_(snapshot.offers[pair.offer]),
        agency_(snapshot.agency_rows[offer_.agency]),
        place_(snapshot.region(need_.region)),
        home_(snapshot.region(agency_.home)) {}

  std::vector<v1::MatchFact> Find() {
    if (pair_.kept_units > 0) {
      Add("KEPT_PAIRING", "已有结对,予以保留", "an accepted pairing that is kept");
    }
    FindField();
    FindStrength();
    FindPlace();
    FindHistory();
    return std::move(facts_);
  }

 private:
  void Add(std::string_view fact, std::string zh, std::string en) {
    v1::MatchFact& added = facts_.emplace_back();
    added.set_fact(fact.data(), fact.size());
    added.set_text_zh(std::move(zh));
    added.set_text_en(std::move(en));
  }

  void FindField() {
    if (need_.category == kNoCode) return;
    const CategoryRow& field = s_.category_rows[need_.category];
    const absl::Span<const Code> offered = s_.codes(offer_.categories);
    if (Holds(offered, need_.category)) {
      Add("SAME_FIELD", "服务领域相同", "the same field of service");
    } else if (FirstIn(s_.codes(field.ancestors), offered) != kNoCode) {
      Add("BROADER_FIELD", "服务领域涵盖该需求", "a broader field that covers it");
    } else if (FirstIn(s_.codes(field.mapped), offered) != kNoCode) {
      Add("MAPPED_FIELD", "服务领域含义相近", "a field of nearly the same meaning");
    }
    const absl::Span<const Code> fields = s_.codes(agency_.categories);
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i] != need_.category) continue;
      const Code level = s_.codes(agency_.levels)[i], years = s_.codes(agency_.years)[i];
      if (level >= 4 || years >= 6) {
        Add("SKILLED",
            StrCat("该领域经验丰富", level > 0 ? StrCat(",能力 ", level, " 级") : "",
                   years > 0 ? StrCat(",", years - 1, " 年") : ""),
            StrCat("much practice in the field", level > 0 ? StrCat(", level ", level) : "",
                   years > 0 ? StrCat(", ", years - 1, " years") : ""));
      }
    }
    if (Holds(s_.codes(offer_.target_groups), need_.target_group) ||
        Holds(s_.codes(agency_.target_groups), need_.target_group)) {
      Add("SAME_TARGET_GROUP", "服务对象相同", "the same group of people");
    }
  }

  void FindStrength() {
    if (agency_.valid_grade() >= 4) {
      Add("HIGH_GRADE", StrCat("评估等级 ", agency_.valid_grade(), "A"),
          StrCat("assessment grade ", agency_.valid_grade(), "A"));
    }
  }

  void FindPlace() {
    const absl::Span<const Code> spoken = s_.codes(offer_.languages);
    Code language = FirstIn(spoken, s_.codes(need_.required_languages));
    if (language == kNoCode && place_ != nullptr) {
      language = FirstIn(spoken, s_.codes(place_->languages));
    }
    if (language != kNoCode) {
      const LanguageName name = NameOf(s_.languages.name(language));
      Add("LANGUAGE_SPOKEN", StrCat("工作人员会", name.zh), StrCat("its workers speak ", name.en));
    }
    if (place_ == nullptr) return;
    const absl::Span<const Code> chain = s_.codes(place_->ancestors);
    if (FirstIn(s_.codes(agency_.ethnic_areas), chain) != kNoCode) {
      Add("ETHNIC_AREA_EXPERIENCE", "有该民族地区服务经验", "has worked in that ethnic area");
    }
    if (FirstIn(s_.codes(agency_.adapted_regions), chain) != kNoCode) {
      Add("ADAPTED_METHOD", "工作方法已适应当地", "a method adapted to that place");
    }
  }

  void FindHistory() {
    if (Holds(s_.codes(agency_.earlier_receivers), need_.receiver)) {
      Add("SAME_PARTNER", "与受援机构有过结对", "has been paired with this agency before");
    } else if (place_ != nullptr &&
               FirstIn(s_.codes(agency_.earlier_regions), s_.codes(place_->ancestors)) != kNoCode) {
      Add("SAME_REGION_BEFORE", "在该地区有过结对", "has been paired in this region before");
    }
    const absl::Span<const Code> wanted = s_.codes(need_.preferences);
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i] != offer_.agency) continue;
      Add("PREFERRED_BY_COUNTY", StrCat("受援地区的第 ", i + 1, " 志愿"),
          StrCat("number ", i + 1, " of the county's wishes"));
      break;
    }
    const absl::Span<const Code> wishes = s_.codes(offer_.preferences);
    const Code own = static_cast<Code>(s_.regions.size()) + pair_.need;
    for (size_t i = 0; i < wishes.size(); ++i) {
      if (wishes[i] != own && !s_.IsWithin(need_.region, wishes[i])) continue;
      Add("PREFERRED_BY_AGENCY", StrCat("援派机构的第 ", i + 1, " 志愿"),
          StrCat("number ", i + 1, " of the agency's wishes"));
      break;
    }
    if (need_.receiver != kNoCode) {
      Add("LOCAL_PARTNER", "当地有受援机构承接", "a local agency takes it over");
    }
    if (place_ != nullptr && home_ != nullptr && place_->province != kNoCode &&
        place_->province == home_->province) {
      Add("SAME_PROVINCE", "同一省份", "within one province");
    }
  }

  const RoundSnapshot& s_;
  const PlanPair& pair_;
  const NeedRow& need_;
  const OfferRow& offer_;
  const AgencyRow& agency_;
  const RegionRow* const place_;
  const RegionRow* const home_;
  std::vector<v1::MatchFact> facts_;
};

}  // namespace

std::vector<v1::MatchFact> FactsOf(const RoundSnapshot& snapshot, const PlanPair& pair) {
  return FactFinder(snapshot, pair).Find();
}

}  // namespace tandem::match
