// SPDX-License-Identifier: Apache-2.0

#include "cli/noun.h"

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
        {"SECTOR 行业", "sector_index.value_permille", true}}},
      {"category",
       "categories",
       "服务类别",
       ServiceOf<v1::GetServiceCategoryRequest>(),
       {name,
        title,
        {"TAXONOMY 体系", "taxonomy"},
        {"FACET 分面", "facet"},
        {"PARENT 上级", "parent_category"},
        {"STATE 状态", "state"}}},
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
        {"STATUS 状态", "status"}}},
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
        {"STATE 状态", "state"}}},
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
        {"STATE 状态", "state"}}},
      {"round",
       "rounds",
       "批次",
       ServiceOf<v1::GetRoundRequest>(),
       {name,
        title,
        {"STATE 状态", "state"},
        {"PROFILE 匹配规则", "match_profile"},
        {"CORRIDORS 通道", "corridors.corridor_id"},
        {"CHOSEN RUN 选定", "chosen_run"}}},
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
        {"STATE 状态", "state"}}},
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
        {"RESERVES 预留", "reserves.designation"}}},
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
  if (written.find('/') != std::string_view::npos) return std::string(written);
  const std::string own = Collection() + "/" + std::string(written);
  return parent.empty() ? own : std::string(parent) + "/" + own;
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
