// SPDX-License-Identifier: Apache-2.0

// The limits of requests and pages over the wire, at the limit and one above. Those of fields and
// records are held in unit/model, those of batches beside the batches.

#include <string>

#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "service/call.h"
#include "service_fixture.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

constexpr char kList[] = "tandem.v1.ServiceCategoryService/ListServiceCategories";
constexpr char kCreate[] = "tandem.v1.ServiceCategoryService/CreateServiceCategory";
constexpr char kBatchCreate[] = "tandem.v1.ServiceCategoryService/BatchCreateServiceCategories";

class LimitsTest : public ServiceFixture {
 protected:
  void CreateCategories(int from, int to) {
    v1::BatchCreateServiceCategoriesRequest batch;
    for (int i = from; i < to; ++i) {
      auto* create = batch.add_requests();
      create->set_service_category_id(StrCat("c", i));
      create->mutable_service_category()->set_display_name("c");
      create->mutable_service_category()->set_taxonomy("t");
    }
    CallOk(kBatchCreate, batch);
  }
  int PageOf(int size) {
    v1::ListServiceCategoriesRequest list;
    list.set_page_size(size);
    return CallOk(kList, list).As<v1::ListServiceCategoriesResponse>().service_categories_size();
  }
  std::string FilterResult(const std::string& filter) {
    v1::ListServiceCategoriesRequest list;
    list.set_filter(filter);
    return Call(kList, list).reason();
  }
};

TEST_F(LimitsTest, APageHasFiftyRecordsOrAtMostAThousand) {
  CreateCategories(0, 1000);
  CreateCategories(1000, 1002);
  EXPECT_EQ(PageOf(0), 50);
  EXPECT_EQ(PageOf(1), 1);
  EXPECT_EQ(PageOf(1000), 1000);
  EXPECT_EQ(PageOf(1001), 1000);
  EXPECT_EQ(PageOf(2'147'483'647), 1000);
  v1::ListServiceCategoriesRequest list;
  list.set_page_size(-1);
  EXPECT_EQ(Call(kList, list).reason(), "FIELD_INVALID");
}

TEST_F(LimitsTest, ARequestHasAtMostOneMebibyte) {
  v1::CreateServiceCategoryRequest create;
  create.mutable_service_category()->set_taxonomy("t");
  std::string* definition = create.mutable_service_category()->mutable_definition();
  definition->assign(kMaxRequestBytes - 100, 'x');
  definition->append(kMaxRequestBytes - create.ByteSizeLong(), 'x');
  ASSERT_EQ(create.ByteSizeLong(), kMaxRequestBytes);
  EXPECT_EQ(Call(kCreate, create).reason(), "FIELD_INVALID");
  definition->push_back('x');
  CallResult above = Call(kCreate, create);
  EXPECT_EQ(above.reason(), "LIMIT_EXCEEDED");
  EXPECT_EQ(above.Metadata("limit"), "request");
  EXPECT_EQ(above.Metadata("actual"), StrCat(kMaxRequestBytes + 1));
}

TEST_F(LimitsTest, AFilterHasItsBytesTermsAndDepth) {
  const std::string head = "taxonomy = \"", tail = "\"";
  const size_t room = 4096 - head.size() - tail.size();
  EXPECT_EQ(FilterResult(head + std::string(room, 'x') + tail), "OK");
  EXPECT_EQ(FilterResult(head + std::string(room + 1, 'x') + tail), "FILTER_INVALID");
  std::string terms = "code = a";
  for (int i = 1; i < 64; ++i) terms += " OR code = a";
  EXPECT_EQ(FilterResult(terms), "OK");
  EXPECT_EQ(FilterResult(terms + " OR code = a"), "FILTER_INVALID");
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "code = a" + std::string(depth, ')');
  };
  size_t deepest = 0;
  while (deepest < 100 && FilterResult(nested(deepest + 1)) == "OK") ++deepest;
  // A comparison is a level of its own or not; sixteen brackets more or less is what is promised.
  EXPECT_GE(deepest, 15U);
  EXPECT_LE(deepest, 16U);
}

}  // namespace
}  // namespace tandem::service
