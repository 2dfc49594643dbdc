// SPDX-License-Identifier: Apache-2.0

// What the server and tandem-plugin-host say to each other: fixed 64-byte frames on a
// SOCK_SEQPACKET pair, and descriptors of calls in shared memory. Both sides are built from this
// file at the same time, so it carries no version; the plugins' own interface is
// plugins/sdk/tandem_plugin.h. No dependency.
//
// Descriptors that the host inherits: 0 null, 1 and 2 the log pipe, 3 the control socket, 4 the
// sealed library, 5 the control page. Arguments: program, id, version ("" and "" accept any),
// memory limit in MB, 1 when threads are allowed.
#pragma once

#include <atomic>
#include <cstdint>

namespace tandem::wire {

inline constexpr int kSocketFd = 3;
inline constexpr int kImageFd = 4;
inline constexpr int kControlFd = 5;

enum class FrameKind : uint32_t {
  kReady =
      1,     // host: a = ReadyFault, b = stages (bits of Stage), c = sandbox bits; text in the page
  kMap = 2,  // server, with a descriptor: a = segment id, b = bytes, c = 1 when the host may write
  kUnmap = 3,  // server: a = segment id
  kCreate =
      4,  // server: a = instance, b = call segment, c = offset of the JSON there, d = its length
  kDestroy = 5,  // server: a = instance
  kCall = 6,     // server: a = instance, b = call segment; its CallHeader is at offset 0
  kDone = 7,     // host, to Create and Call: a = tandem_status; text in the page
};

// Every message. `sequence` counts the server's requests; kDone repeats it.
struct Frame {
  FrameKind kind;
  uint32_t reserved;
  uint64_t sequence;
  uint64_t a, b, c, d, e, f;
};
static_assert(sizeof(Frame) == 64);

enum class Stage : uint32_t { kFilter = 1, kScore = 2, kAssign = 4 };

// Why a host could not get ready.
enum class ReadyFault : uint64_t {
  kNone = 0,
  kLoad = 1,      // the dynamic loader refused the library
  kEntry = 2,     // no tandem_entry, or it returned NULL, or a table is incomplete
  kIdentity = 3,  // id or version are not those of the manifest
  kVersion = 4,   // the module was built for another ABI
  kOpen = 5,      // open failed
  kSetup = 6,     // the process could not be confined
};

// What really confines the process.
enum SandboxBit : uint64_t {
  kNoNewPrivs = 1,
  kRlimits = 2,
  kMemoryRlimit = 4,
  kNoCapabilities = 8,
  kNoProcesses = 16,
  kDeathSignal = 32,
};

inline constexpr uint32_t kTextBytes = 1024;

// The control page: mapped writable by both sides, believed by neither.
struct ControlPage {
  std::atomic<int32_t> stop;            // server: a tandem_status for should_stop
  std::atomic<uint32_t> out_of_memory;  // host: an allocation failed in this call
  uint32_t text_length;                 // host: why a call failed
  char text[kTextBytes];
  char id[128];  // host: the module's id and version, zero-terminated
  char version[64];
};
static_assert(std::atomic<int32_t>::is_always_lock_free);

// A column as a call names it; byte offsets are inside its segment.
struct ColumnRef {
  uint64_t segment;
  uint32_t type, has_validity;
  uint64_t name, name_length;  // offset inside the call segment
  uint64_t length, values, values_bytes, validity, offsets;
  uint64_t dict_length, dict_offsets, dict_bytes;
  uint64_t digest[2];
};

// A group; members are at `members` inside the call segment.
struct GroupRef {
  uint64_t side, members, n_members;
  int64_t min_units, max_units;
};

struct FixedRef {
  uint64_t pair;
  int64_t units;
};

// First in the call segment. Every *_at is a byte offset inside the call segment, 64-byte aligned,
// unless said otherwise.
struct CallHeader {
  Stage stage;
  uint32_t reserved;
  uint64_t request_id, generation, seed, deadline_ns;
  int64_t revision, now_unix_ms;
  uint64_t n_needs, n_offers, n_pairs;
  uint64_t pair_segment, row_start_at, offer_at;  // inside the pair segment
  uint64_t need_units_at, offer_units_at;
  uint64_t need_columns_at, n_need_columns, offer_columns_at, n_offer_columns;
  uint64_t score_at, groups_at, n_groups, fixed_at, n_fixed;  // assign only
  uint64_t out_segment;
};

// First in the output segment of an assignment; the arrays follow, each at AssignLayout's offsets.
struct AssignHead {
  uint64_t count, has_potentials;
  int64_t objective;
  uint64_t violated_group;
  int64_t units_short;
  uint64_t padding[3];
};
static_assert(sizeof(AssignHead) == 64);

constexpr uint64_t Align64(uint64_t n) { return (n + 63) & ~uint64_t{63}; }

// Where the arrays of an assignment lie in its output segment.
struct AssignLayout {
  uint64_t pair, units, need, offer, group, bytes;
  constexpr AssignLayout(uint64_t n_pairs, uint64_t n_needs, uint64_t n_offers, uint64_t n_groups)
      : pair(sizeof(AssignHead)),
        units(pair + Align64(8 * n_pairs)),
        need(units + Align64(8 * n_pairs)),
        offer(need + Align64(8 * n_needs)),
        group(offer + Align64(8 * n_offers)),
        bytes(group + Align64(8 * n_groups)) {}
};

// Where the arrays of a filter lie in its output segment: verdicts at 0, then reasons.
constexpr uint64_t ReasonsAt(uint64_t n_pairs) { return Align64(n_pairs); }

}  // namespace tandem::wire
