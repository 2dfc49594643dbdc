// SPDX-License-Identifier: Apache-2.0

#include "cli/noun.h"

#include <algorithm>

#include "tandem/v1/activity_service.pb.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/contact_service.pb.h"
#include "tandem/v1/field_conflict_service.pb.h"
#include "tandem/v1/match_profile_service.pb.h"
#include "tandem/v1/need_service.pb.h"
#include "tandem/v1/offer_service.pb.h"
#include "tandem/v1/pairing_service.pb.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/round_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"
#include "tandem/v1/source_service.pb.h"
#include "tandem/v1/synonym_set_service.pb.h"

namespace tandem::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::MethodDescriptor;

// The service that lies in the file of a request; naming the request links the file.
template <typename GetRequest>
const google::protobuf::ServiceDescriptor* ServiceOf() {
  return GetRequest::descriptor()->file()->service(0);
}

std::vector<Noun> MakeNouns() {
  const NounColumn name = {"NAME", "name"};
  const NounColumn title = {"TITLE 名称", "display_name"};
  const NounColumn wide_title = {"TITLE 名称", "display_name", false, true};
  const NounColumn owner = {"OWNER 维护平台", "owner", false, true};
  const NounColumn updated = {"UPDATED 更新", "update_time", false, true};
  return {
      {"region",
       "regions",
       "地区",
       ServiceOf<v1::GetRegionRequest>(),
       {name,
        title,
        {"LEVEL 级别", "level"},
        {"PARENT 上级", "parent_region"},
        {"DESIGNATIONS 认定", "designations.designation_id"},
        {"ECONOMIC 经济", "economic_index.value_permille", true},
        {"SECTOR 行业", "sector_index.value_permille", true},
        {"ALTITUDE 海拔", "altitude_m", true, true},
        {"FROM 生效", "valid_from_date", false, true},
        {"TO 失效", "valid_to_date", false, true},
        updated}},
      {"category",
       "categories",
       "服务类别",
       ServiceOf<v1::GetServiceCategoryRequest>(),
       {name,
        title,
        {"TAXONOMY 体系", "taxonomy"},
        {"FACET 分面", "facet"},
        {"PARENT 上级", "parent_category"},
        {"STATE 状态", "state"},
        {"VERSION 版本", "version", false, true},
        {"CODE 代码", "code", false, true},
        updated}},
      {"agency",
       "agencies",
       "机构",
       ServiceOf<v1::GetAgencyRequest>(),
       {name,
        title,
        {"HOME 所在地", "home_region"},
        {"GRADE 等级", "assessment.grade"},
        {"POINTS 分数", "assessment.points", true},
        {"FIELDS 领域", "categories.category"},
        {"STATUS 状态", "status"},
        {"FORM 形式", "legal_form", false, true},
        {"STAFF 人员", "staff.total", true, true},
        {"SLOTS 名额", "capacity.slots", true, true},
        {"IDENTIFIERS 登记号", "identifiers.value", false, true},
        owner,
        updated}},
      {"contact",
       "contacts",
       "联系人",
       ServiceOf<v1::GetContactRequest>(),
       {name,
        title,
        {"ROLE 职务", "role"},
        {"PHONE 电话", "phone_number"},
        {"EMAIL 邮箱", "email"}},
       "agency"},
      {"offer",
       "offers",
       "援派意向",
       ServiceOf<v1::GetOfferRequest>(),
       {name,
        {"ROUND 批次", "round"},
        {"AGENCY 援派机构", "agency"},
        {"SLOTS 名额", "slots", true},
        {"CORRIDOR 通道", "corridor"},
        {"STATE 状态", "state"},
        {"FIELDS 领域", "categories", false, true},
        {"FROM 开始", "start_date", false, true},
        {"TO 结束", "end_date", false, true},
        wide_title,
        owner,
        updated}},
      {"need",
       "needs",
       "受援需求",
       ServiceOf<v1::GetNeedRequest>(),
       {name,
        {"ROUND 批次", "round"},
        {"REGION 受援地区", "region"},
        {"FIELD 领域", "category"},
        {"SLOTS 名额", "slots", true},
        {"RECEIVER 受援机构", "receiving_agency"},
        {"STATE 状态", "state"},
        {"RANK 排序", "county_rank", true, true},
        {"URGENCY 紧急度", "claimed_urgency", false, true},
        {"GRADE 最低等级", "min_grade", false, true},
        {"FROM 开始", "start_date", false, true},
        {"TO 结束", "end_date", false, true},
        wide_title,
        owner,
        updated}},
      {"round",
       "rounds",
       "批次",
       ServiceOf<v1::GetRoundRequest>(),
       {name,
        title,
        {"STATE 状态", "state"},
        {"PROFILE 匹配规则", "match_profile"},
        {"CORRIDORS 通道", "corridors.corridor_id"},
        {"CHOSEN RUN 选定", "chosen_run"},
        {"PROGRAMME 计划", "programme", false, true},
        {"OPEN 申报开始", "apply_window.start_time", false, true},
        {"CLOSE 申报结束", "apply_window.end_time", false, true},
        updated}},
      {"pairing",
       "pairings",
       "结对",
       ServiceOf<v1::GetPairingRequest>(),
       {name,
        {"AGENCY 援派机构", "agency"},
        {"RECEIVER 受援机构", "receiving_agency"},
        {"REGION 受援地区", "receiving_region"},
        {"FIELD 领域", "category"},
        {"SLOTS 名额", "slots", true},
        {"STATE 状态", "state"},
        {"ROUND 批次", "round", false, true},
        {"FROM 开始", "start_date", false, true},
        {"TO 结束", "end_date", false, true},
        owner,
        updated}},
      {"activity",
       "activities",
       "活动",
       ServiceOf<v1::GetActivityRequest>(),
       {name,
        {"DATE 日期", "activity_date"},
        {"OCCURRED 发生时间", "occurred_time"},
        {"KIND 类型", "kind"},
        {"PARTICIPANTS 参与人数", "participants", true},
        {"WORKERS 社工", "workers", true},
        {"NOTE 记录", "note"}},
       "pairing"},
      {"profile",
       "profiles",
       "匹配规则",
       ServiceOf<v1::GetMatchProfileRequest>(),
       {name,
        title,
        {"SCORERS 评分", "scorers.plugin"},
        {"WEIGHTS 权重", "scorers.weight"},
        {"SOLVER 求解", "solver.plugin"},
        {"RESERVES 预留", "reserves.designation"},
        {"COMBINE 合成", "combine", false, true},
        {"CANDIDATES 候选", "candidates_per_need", true, true},
        updated}},
      {"source",
       "sources",
       "数据来源",
       ServiceOf<v1::GetSourceRequest>(),
       {name,
        title,
        {"KIND 类别", "kind"},
        {"PROTECTION 保护阈值", "protection_permille", true},
        {"DAYS 核验天数", "assurance_days", true},
        {"GROUPS 字段组", "field_groups"}}},
      {"conflict",
       "conflicts",
       "来源冲突",
       ServiceOf<v1::GetFieldConflictRequest>(),
       {name,
        {"AGENCY 机构", "agency"},
        {"TITLE 名称", "display_name"},
        {"GROUP 字段组", "field_group"},
        {"SOURCE 来源", "source"},
        {"STATE 状态", "state"},
        {"KEPT 采用", "resolution.source"},
        {"UNTIL 至", "resolution.expiry_date"}}},
      {"synonyms",
       "synonym-sets",
       "同义词",
       ServiceOf<v1::GetSynonymSetRequest>(),
       {name, title, {"WORDS 词", "words"}, {"TARGETS 指向", "targets"}}},
  };
}

}  // namespace

const std::vector<Noun>& AllNouns() {
  static const auto* const kNouns = new std::vector<Noun>(MakeNouns());
  return *kNouns;
}

const Noun* NounFor(std::string_view written) {
  for (const Noun& noun : AllNouns()) {
    if (written == noun.word || written == noun.plural || written == noun.Collection() ||
        written == noun.Record()->name()) {
      return &noun;
    }
  }
  return nullptr;
}

std::string ParentOfName(std::string_view name) {
  const size_t id = name.rfind('/');
  if (id == std::string_view::npos || id == 0) return "";
  const size_t before = name.rfind('/', id - 1);
  return before == std::string_view::npos ? "" : std::string(name.substr(0, before));
}

const Noun* NounOfName(std::string_view name) {
  // The collection is the part before the last: "agencies/x/contacts/y" is a contact.
  const size_t id = name.rfind('/');
  if (id == std::string_view::npos || id == 0) return nullptr;
  const size_t before = name.rfind('/', id - 1);
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  for (const Noun& noun : AllNouns()) {
    const bool fits = noun.parent_word.empty() == (begin == 0);
    if (fits && name.substr(begin, id - begin) == noun.Collection()) return &noun;
  }
  return nullptr;
}

std::vector<std::string> NounWords() {
  std::vector<std::string> words;
  for (const Noun& noun : AllNouns()) {
    for (const std::string& word :
         {noun.word, noun.plural, noun.Collection(), noun.Record()->name()}) {
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
  }
  return words;
}

const MethodDescriptor* Noun::Method(std::string_view verb) const {
  for (int i = 0; i < service->method_count(); ++i) {
    if (std::string_view(service->method(i)->name()).substr(0, verb.size()) == verb) {
      return service->method(i);
    }
  }
  return nullptr;
}

const Descriptor* Noun::Record() const { return Method("Get")->output_type(); }

std::string Noun::Collection() const {
  return RecordField(Method("List")->output_type(), Record())->json_name();
}

std::string Noun::FullName(std::string_view written, std::string_view parent) const {
  const size_t slash = written.find('/');
  if (slash == std::string_view::npos) {
    const std::string own = Collection() + "/" + std::string(written);
    return parent.empty() ? own : std::string(parent) + "/" + own;
  }
  const std::string_view before = written.substr(0, slash);
  const bool by_word = before == word || before == plural;
  return by_word ? Collection() + std::string(written.substr(slash)) : std::string(written);
}

std::string Noun::NamePattern() const {
  const std::string own = Collection() + "/{id}";
  return parent_word.empty() ? own : FindNoun(parent_word).NamePattern() + "/" + own;
}

const Noun& FindNoun(std::string_view word) {
  for (const Noun& noun : AllNouns()) {
    if (noun.word == word) return noun;
  }
  return AllNouns().front();
}

std::unique_ptr<google::protobuf::Message> NewMessage(const Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

const FieldDescriptor* RecordField(const Descriptor* type, const Descriptor* record) {
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->message_type() == record) return type->field(i);
  }
  return nullptr;
}

}  // namespace tandem::cli
