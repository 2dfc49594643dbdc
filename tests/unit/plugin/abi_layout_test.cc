// SPDX-License-Identifier: Apache-2.0

// The layout of every struct of the plugin interface, as plugins built long ago know it. Lines are
// only ever added: a changed number here is a broken promise (plugins/sdk/ABI.md).
#include "gtest/gtest.h"
#include "sdk/tandem_plugin.h"

namespace {

#define FIELD(type, field, offset) \
  static_assert(offsetof(type, field) == (offset), #type "." #field " moved")

FIELD(tandem_str, ptr, 0);
FIELD(tandem_str, len, 8);
FIELD(tandem_column, struct_size, 0);
FIELD(tandem_column, type, 4);
FIELD(tandem_column, name, 8);
FIELD(tandem_column, length, 24);
FIELD(tandem_column, values, 32);
FIELD(tandem_column, values_bytes, 40);
FIELD(tandem_column, validity, 48);
FIELD(tandem_column, offsets, 56);
FIELD(tandem_column, dict_length, 64);
FIELD(tandem_column, dict_offsets, 72);
FIELD(tandem_column, dict_bytes, 80);
FIELD(tandem_column, digest, 88);
FIELD(tandem_table, struct_size, 0);
FIELD(tandem_table, n_columns, 4);
FIELD(tandem_table, n_rows, 8);
FIELD(tandem_table, columns, 16);
FIELD(tandem_table, column_stride, 24);
FIELD(tandem_pairs, struct_size, 0);
FIELD(tandem_pairs, n_needs, 8);
FIELD(tandem_pairs, n_offers, 16);
FIELD(tandem_pairs, n_pairs, 24);
FIELD(tandem_pairs, row_start, 32);
FIELD(tandem_pairs, offer, 40);
FIELD(tandem_group, struct_size, 0);
FIELD(tandem_group, side, 4);
FIELD(tandem_group, n_members, 8);
FIELD(tandem_group, members, 16);
FIELD(tandem_group, min_units, 24);
FIELD(tandem_group, max_units, 32);
FIELD(tandem_fixed, struct_size, 0);
FIELD(tandem_fixed, pair, 8);
FIELD(tandem_fixed, units, 16);
FIELD(tandem_problem, struct_size, 0);
FIELD(tandem_problem, flags, 4);
FIELD(tandem_problem, needs, 8);
FIELD(tandem_problem, offers, 16);
FIELD(tandem_problem, pairs, 24);
FIELD(tandem_problem, need_units, 32);
FIELD(tandem_problem, offer_units, 40);
FIELD(tandem_problem, score, 48);
FIELD(tandem_problem, n_groups, 56);
FIELD(tandem_problem, groups, 64);
FIELD(tandem_problem, group_stride, 72);
FIELD(tandem_problem, n_fixed, 80);
FIELD(tandem_problem, fixed, 88);
FIELD(tandem_problem, fixed_stride, 96);
FIELD(tandem_call, struct_size, 0);
FIELD(tandem_call, flags, 4);
FIELD(tandem_call, request_id, 8);
FIELD(tandem_call, generation, 16);
FIELD(tandem_call, revision, 24);
FIELD(tandem_call, seed, 32);
FIELD(tandem_call, now_unix_ms, 40);
FIELD(tandem_call, deadline_ns, 48);
FIELD(tandem_call, ctx, 56);
FIELD(tandem_verdicts, struct_size, 0);
FIELD(tandem_verdicts, count, 8);
FIELD(tandem_verdicts, verdict, 16);
FIELD(tandem_verdicts, reason, 24);
FIELD(tandem_filter, struct_size, 0);
FIELD(tandem_filter, run, 8);
FIELD(tandem_scores, struct_size, 0);
FIELD(tandem_scores, count, 8);
FIELD(tandem_scores, score, 16);
FIELD(tandem_score, struct_size, 0);
FIELD(tandem_score, run, 8);
FIELD(tandem_assignment, struct_size, 0);
FIELD(tandem_assignment, has_potentials, 4);
FIELD(tandem_assignment, room, 8);
FIELD(tandem_assignment, count, 16);
FIELD(tandem_assignment, pair, 24);
FIELD(tandem_assignment, units, 32);
FIELD(tandem_assignment, objective, 40);
FIELD(tandem_assignment, need_potential, 48);
FIELD(tandem_assignment, offer_potential, 56);
FIELD(tandem_assignment, group_potential, 64);
FIELD(tandem_assignment, violated_group, 72);
FIELD(tandem_assignment, units_short, 80);
FIELD(tandem_assign, struct_size, 0);
FIELD(tandem_assign, run, 8);
FIELD(tandem_host, struct_size, 0);
FIELD(tandem_host, abi_major, 4);
FIELD(tandem_host, abi_minor, 6);
FIELD(tandem_host, log, 8);
FIELD(tandem_host, should_stop, 16);
FIELD(tandem_host, scratch, 24);
FIELD(tandem_host, fail, 32);
FIELD(tandem_host, extension, 40);
FIELD(tandem_module, struct_size, 0);
FIELD(tandem_module, abi_major, 4);
FIELD(tandem_module, abi_minor, 6);
FIELD(tandem_module, id, 8);
FIELD(tandem_module, version, 16);
FIELD(tandem_module, open, 24);
FIELD(tandem_module, close, 32);
FIELD(tandem_module, create, 40);
FIELD(tandem_module, destroy, 48);
FIELD(tandem_module, stage, 56);
static_assert(sizeof(tandem_note) == 36, "the version note changed");

TEST(AbiLayout, AStructMadeBeforeAFieldWasAddedDoesNotHaveIt) {
  tandem_assignment whole{};
  whole.struct_size = sizeof(whole);
  EXPECT_TRUE(TANDEM_HAS(&whole, units_short));
  whole.struct_size = offsetof(tandem_assignment, units_short);
  EXPECT_FALSE(TANDEM_HAS(&whole, units_short));
  EXPECT_TRUE(TANDEM_HAS(&whole, violated_group));
  whole.struct_size = offsetof(tandem_assignment, units_short) + 7;
  EXPECT_FALSE(TANDEM_HAS(&whole, units_short));
}

TEST(AbiLayout, StatusesNeverChangeTheirNumber) {
  EXPECT_EQ(TANDEM_OK, 0);
  EXPECT_EQ(TANDEM_SKIP, 1);
  EXPECT_EQ(TANDEM_CANCELLED, 2);
  EXPECT_EQ(TANDEM_DEADLINE, 3);
  EXPECT_EQ(TANDEM_BAD_CONFIG, 4);
  EXPECT_EQ(TANDEM_BAD_INPUT, 5);
  EXPECT_EQ(TANDEM_UNSUPPORTED, 6);
  EXPECT_EQ(TANDEM_NO_MEMORY, 7);
  EXPECT_EQ(TANDEM_INFEASIBLE, 8);
  EXPECT_EQ(TANDEM_INTERNAL, 9);
  EXPECT_EQ(TANDEM_OUT_OF_RANGE, 10);
}

}  // namespace
