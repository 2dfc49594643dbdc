/* SPDX-License-Identifier: Apache-2.0 */

/* The C interface between a matching plugin and tandem-plugin-host; plain C11 and C++17.
 *
 * A plugin is one shared library. It carries a version note (TANDEM_ABI_NOTE) that is read as data
 * before any of its code runs, and exports one function, tandem_entry. Everything else is reached
 * from there. The plugin runs in a process of its own, never inside the server. How versions grow:
 * ABI.md beside this file.
 *
 * Rules that hold everywhere:
 *  - What the host passes is borrowed, read-only, and valid until the call returns. Keep no pointer
 * into it.
 *  - Results go into arrays the host owns. No allocation crosses the line; never free what the host
 * gave.
 *  - Every struct starts with struct_size, the bytes its maker knew. Read a field that is newer
 * than the minor you need only where TANDEM_HAS(p, field) is true. Walk arrays of structs by their
 * stride.
 *  - Text is UTF-8, pointer and length, not terminated. Arrays are 64-byte aligned.
 *  - filter, score and assign are functions of (problem, configuration, seed, now) and nothing
 * else: no clock, no files, no network, no state that survives a call. The same input gives the
 * same bytes.
 *  - Nothing a plugin returns is believed: the server checks every cell and recomputes every sum.
 */
#ifndef TANDEM_PLUGIN_H_
#define TANDEM_PLUGIN_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header. Majors do not mix; a host runs every plugin that needs at most its
 * minor. */
#define TANDEM_ABI_MAJOR 1
#define TANDEM_ABI_MINOR 0

/* True when the struct at p is long enough to hold `field`. */
#define TANDEM_HAS(p, field) \
  ((size_t)((const char*)(&(p)->field + 1) - (const char*)(p)) <= (size_t)(p)->struct_size)

/* Result of every call. A value the other side does not know counts as TANDEM_INTERNAL. With
 * anything but TANDEM_OK the output is discarded, except the two fields TANDEM_INFEASIBLE explains.
 */
typedef int32_t tandem_status;
enum {
  TANDEM_OK = 0,
  TANDEM_SKIP = 1, /* score, filter: nothing to say about this problem; the stage is left out */
  TANDEM_CANCELLED = 2,  /* stopped because should_stop said so */
  TANDEM_DEADLINE = 3,   /* stopped because the deadline is near */
  TANDEM_BAD_CONFIG = 4, /* create: the configuration is wrong; say why with fail */
  TANDEM_BAD_INPUT = 5,  /* a column lacks, or has a type or value the plugin can't use */
  TANDEM_UNSUPPORTED =
      6, /* a correct problem of a kind the plugin does not handle, e.g. overlapping groups */
  TANDEM_NO_MEMORY = 7, /* out of memory */
  TANDEM_INFEASIBLE =
      8, /* assign: no assignment meets the minima; set violated_group and units_short */
  TANDEM_INTERNAL = 9,     /* the plugin's own fault */
  TANDEM_OUT_OF_RANGE = 10 /* assign: scores or units so large that int64 sums would overflow */
};

/* Borrowed UTF-8 text; ptr may be NULL when len is 0. */
typedef struct tandem_str {
  const char* ptr;
  uint64_t len;
} tandem_str;

/* ---- tables ---- */

/* What a column's cells are. */
enum {
  TANDEM_F64 = 1,     /* values: double[length] */
  TANDEM_I64 = 2,     /* values: int64_t[length] */
  TANDEM_CODE32 = 3,  /* values: uint32_t[length], each an index into the dictionary */
  TANDEM_BOOL8 = 4,   /* values: uint8_t[length], 0 or 1 */
  TANDEM_UTF8 = 5,    /* values: bytes; cell i is [offsets[i], offsets[i+1]) */
  TANDEM_CODELIST = 6 /* values: uint32_t codes; cell i is the codes [offsets[i], offsets[i+1]) */
};

/* One column. Only columns named in the manifest's "reads" are here. A null cell holds 0 or is
 * empty. */
typedef struct tandem_column {
  uint32_t struct_size;
  uint32_t type;      /* TANDEM_F64 … */
  tandem_str name;    /* "units", "region.sector_index_permille", "agency.assessment_points" … */
  uint64_t length;    /* cells = the table's n_rows */
  const void* values; /* see the types */
  uint64_t values_bytes;   /* bytes at values, padding not counted */
  const uint8_t* validity; /* bit i%8 of byte i/8 is 1 when cell i has a value; NULL: all have */
  const uint32_t* offsets; /* length+1 entries, ascending; TANDEM_UTF8 and TANDEM_CODELIST only */
  uint64_t dict_length;    /* dictionary entries; TANDEM_CODE32 and TANDEM_CODELIST only */
  const uint32_t* dict_offsets; /* dict_length+1 entries */
  const char* dict_bytes;       /* entry c is the bytes [dict_offsets[c], dict_offsets[c+1]) */
  uint64_t digest[2];           /* equal digests mean equal content: a ready-made cache key */
} tandem_column;

/* One table: columns in the order of the manifest's "reads"; a declared column may be absent. */
typedef struct tandem_table {
  uint32_t struct_size;
  uint32_t n_columns;
  uint64_t n_rows;
  const void* columns;    /* first tandem_column */
  uint64_t column_stride; /* bytes from one column to the next */
} tandem_table;

/* The candidates, compressed by need: the pairs of need n are row_start[n] … row_start[n+1]-1. A
 * pair's index in this list is its name everywhere. */
typedef struct tandem_pairs {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t n_needs, n_offers, n_pairs;
  const uint64_t* row_start; /* n_needs+1 entries */
  const uint32_t* offer;     /* n_pairs entries, strictly ascending inside a need */
} tandem_pairs;

/* ---- one problem ---- */

/* Which side a group counts on. */
enum { TANDEM_SIDE_NEEDS = 1, TANDEM_SIDE_OFFERS = 2 };

/* max_units of a group without a maximum. */
#define TANDEM_NO_MAX INT64_MAX
/* violated_group when no single group explains why a problem is infeasible. */
#define TANDEM_NO_GROUP UINT64_MAX

/* A bound on a sum: min_units <= units over all pairs whose need (or offer) is a member <=
 * max_units. Corridors are groups of offers, reserves are groups of needs. */
typedef struct tandem_group {
  uint32_t struct_size;
  uint32_t side; /* TANDEM_SIDE_NEEDS or TANDEM_SIDE_OFFERS */
  uint64_t n_members;
  const uint32_t* members; /* row indexes of that side, strictly ascending */
  int64_t min_units;       /* >= 0; 0 = no minimum */
  int64_t max_units;       /* >= min_units; TANDEM_NO_MAX = no maximum */
} tandem_group;

/* A running pairing: the assignment must give this pair at least `units`. */
typedef struct tandem_fixed {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t pair; /* index of the pair; each at most once, ascending */
  int64_t units; /* >= 1 */
} tandem_fixed;

/* What every stage gets. The fields from `score` on are for tandem.assign only: NULL and 0
 * elsewhere. */
typedef struct tandem_problem {
  uint32_t struct_size;
  uint32_t flags; /* 0 */
  const tandem_table*
      needs; /* the need, its county as region.*, its receiving agency as receiver.* */
  const tandem_table*
      offers; /* the offer, its agency as agency.*, that agency's region as home.* */
  const tandem_pairs* pairs;
  const int64_t*
      need_units; /* n_needs: units each need can still take, >= 0; running ones included */
  const int64_t*
      offer_units;      /* n_offers: units each offer can still give, >= 0; running ones included */
  const int64_t* score; /* n_pairs: combined score of one unit, >= 0; 0..1,000,000 in a match run */
  uint64_t n_groups;
  const void* groups; /* first tandem_group; they may overlap */
  uint64_t group_stride;
  uint64_t n_fixed;
  const void* fixed; /* first tandem_fixed */
  uint64_t fixed_stride;
} tandem_problem;

/* The circumstances of one call. */
typedef struct tandem_call {
  uint32_t struct_size;
  uint32_t flags;      /* 0 */
  uint64_t request_id; /* for log lines; never part of a decision */
  uint64_t generation; /* which load of this plugin is running; never part of a decision */
  int64_t revision; /* the directory's revision the tables were read at; never part of a decision */
  uint64_t seed;    /* the only randomness allowed */
  int64_t now_unix_ms;  /* the only clock a decision may use */
  uint64_t deadline_ns; /* CLOCK_MONOTONIC; the process is killed soon after it */
  void* ctx;            /* hand it to the host's functions */
} tandem_call;

/* ---- stages ---- */

/* Verdicts of a filter. */
enum {
  TANDEM_KEEP = 0,
  TANDEM_DROP = 1,          /* not now */
  TANDEM_DROP_FOR_GOOD = 2, /* never, whatever is relaxed */
  TANDEM_UNWRITTEN = 255    /* what the array holds before the call; left in place it is an error */
};

/* Output of a filter. */
typedef struct tandem_verdicts {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t count;   /* n_pairs */
  uint8_t* verdict; /* count cells, prefilled TANDEM_UNWRITTEN; write every one */
  uint16_t* reason; /* count cells; for a dropped pair an index into the manifest's "reasons" */
} tandem_verdicts;

/* "tandem.filter/1": which candidates stay. */
#define TANDEM_STAGE_FILTER "tandem.filter/1"
typedef struct tandem_filter {
  uint32_t struct_size;
  uint32_t flags;
  tandem_status (*run)(void* inst, const tandem_call* call, const tandem_problem* problem,
                       tandem_verdicts* out);
} tandem_filter;

/* Output of a scorer. */
typedef struct tandem_scores {
  uint32_t struct_size;
  uint32_t flags;
  uint64_t count; /* n_pairs */
  double* score;  /* count cells, prefilled NaN; write every one: finite, inside the manifest's
                     score.range */
} tandem_scores;

/* "tandem.score/1": one number for every candidate. */
#define TANDEM_STAGE_SCORE "tandem.score/1"
typedef struct tandem_score {
  uint32_t struct_size;
  uint32_t flags;
  tandem_status (*run)(void* inst, const tandem_call* call, const tandem_problem* problem,
                       tandem_scores* out);
} tandem_score;

/* Output of a solver: which pairs get how many units, and optionally why nothing better exists.
 *
 * The task: maximise sum(score[p] * units[p]) with
 *   units over the pairs of a need   <= need_units[need]
 *   units over the pairs of an offer <= offer_units[offer]
 *   min_units <= units over a group  <= max_units
 *   units[p] >= fixed units of p, and >= 0.
 *
 * The certificate: when has_potentials is 1, potentials u (needs), v (offers) and w (groups) prove
 * that the assignment is optimal. With reduced[p] = score[p] - u[need] - v[offer] - sum of w over
 * the groups the pair counts in, the server checks in exact integers:
 *   - u >= 0 and v >= 0; w has either sign
 *   - reduced[p] <= 0 for every pair
 *   - reduced[p] == 0 wherever units[p] is more than the pair's fixed units (0 when not fixed)
 *   - u > 0 only where the need is full, v > 0 only where the offer is full
 *   - w > 0 only where the group is at its maximum, w < 0 only where it is at its minimum. */
typedef struct tandem_assignment {
  uint32_t struct_size;
  uint32_t has_potentials;  /* 0 on entry; set 1 when all three potential arrays are filled */
  uint64_t room;            /* entries that fit at pair and units = n_pairs */
  uint64_t count;           /* 0 on entry; set to the entries written */
  uint64_t* pair;           /* pair indexes, each at most once, in any order */
  int64_t* units;           /* units given to that pair, >= 1 */
  int64_t objective;        /* sum of score * units; the server recomputes it and wants the same */
  int64_t* need_potential;  /* n_needs, prefilled 0 */
  int64_t* offer_potential; /* n_offers, prefilled 0 */
  int64_t* group_potential; /* n_groups, prefilled 0 */
  uint64_t violated_group;  /* TANDEM_INFEASIBLE: index of a group whose minimum can't be met with
                             * everything else that must hold; TANDEM_NO_GROUP (as on entry) when
                             * there is none to name */
  int64_t units_short;      /* TANDEM_INFEASIBLE: units missing to that group's minimum, >= 1 */
} tandem_assignment;

/* "tandem.assign/1": the best assignment. */
#define TANDEM_STAGE_ASSIGN "tandem.assign/1"
typedef struct tandem_assign {
  uint32_t struct_size;
  uint32_t flags;
  tandem_status (*run)(void* inst, const tandem_call* call, const tandem_problem* problem,
                       tandem_assignment* out);
} tandem_assign;

/* ---- host and module ---- */

/* Levels of a log line. */
enum { TANDEM_LOG_DEBUG = 0, TANDEM_LOG_INFO = 1, TANDEM_LOG_WARNING = 2, TANDEM_LOG_ERROR = 3 };

/* What a plugin may call. `ctx` is call->ctx inside a stage, else the ctx that open or create was
 * given. */
typedef struct tandem_host {
  uint32_t struct_size;
  uint16_t abi_major, abi_minor; /* of the host */
  /* Any thread. Copied, cut at 1 KiB; lines beyond the server's rate are counted and dropped. */
  void (*log)(void* ctx, int32_t level, tandem_str message);
  /* Any thread, cheap. TANDEM_OK to go on, else TANDEM_CANCELLED or TANDEM_DEADLINE: return that
   * soon. A plugin that goes on past the deadline is killed. */
  tandem_status (*should_stop)(void* ctx);
  /* The calling thread only. Memory for this call: `bytes` at `align` (a power of two up to 4096),
   * freed by the host after the call. NULL when there is none. */
  void* (*scratch)(void* ctx, uint64_t bytes, uint32_t align);
  /* The calling thread only. Records why the call fails (copied, cut at 1 KiB) and returns `code`.
   */
  tandem_status (*fail)(void* ctx, tandem_status code, tandem_str why);
  /* Only inside open. A versioned addition of the host by id, or NULL. This version has none. */
  const void* (*extension)(const char* id);
} tandem_host;

/* What tandem_entry returns: lives as long as the process. */
typedef struct tandem_module {
  uint32_t struct_size;
  uint16_t abi_major,
      abi_minor;       /* TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR of the header it was built with */
  const char* id;      /* must equal the manifest's id, zero-terminated */
  const char* version; /* must equal the manifest's version, zero-terminated */
  /* Once, first. May set *module, which create gets; the host table lives as long as the process.
   */
  tandem_status (*open)(const tandem_host* host, void* ctx, void** module);
  /* Once, last, after every instance is destroyed. Not called when the process is killed. */
  void (*close)(void* module);
  /* One instance for one configuration (a JSON object, "{}" when there is none). Never at the same
   * time as another call of this module. */
  tandem_status (*create)(void* module, void* ctx, tandem_str config_json, void** inst);
  /* Ends an instance; no call on it is running. */
  void (*destroy)(void* inst);
  /* The struct of a stage by its id, the same pointer each time; NULL for one the plugin does not
   * have. */
  const void* (*stage)(const char* stage_id);
} tandem_module;

/* Makes a symbol visible outside the library; everything else should be hidden. */
#define TANDEM_EXPORT __attribute__((visibility("default")))

/* The one exported function. Gets the host's version; returns NULL when the plugin can't run on it.
 */
TANDEM_EXPORT const tandem_module* tandem_entry(uint32_t host_major, uint32_t host_minor);

/* ---- the version note ---- */

/* An ELF note of owner "TANDEM" and type 1; its four words are the ABI major, the minor built
 * against, the minor needed, and flags (0). A library without it, or with another major, or that
 * needs a newer minor than the host has, is refused before any of its code runs. */
#define TANDEM_NOTE_OWNER "TANDEM"
#define TANDEM_NOTE_TYPE 1u
typedef struct tandem_note {
  uint32_t name_size, desc_size, type;
  char name[8];
  uint32_t abi_major, abi_minor_built, abi_minor_needed, flags;
} tandem_note;

/* Write once at file scope: TANDEM_ABI_NOTE(0); the argument is the oldest host minor the plugin
 * runs on. */
#define TANDEM_ABI_NOTE(MINOR_NEEDED)                                       \
  __attribute__((section(".note.tandem"), used,                             \
                 aligned(4))) static const tandem_note tandem_abi_note_ = { \
      sizeof(TANDEM_NOTE_OWNER),                                            \
      16,                                                                   \
      TANDEM_NOTE_TYPE,                                                     \
      TANDEM_NOTE_OWNER,                                                    \
      TANDEM_ABI_MAJOR,                                                     \
      TANDEM_ABI_MINOR,                                                     \
      (MINOR_NEEDED),                                                       \
      0}

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TANDEM_PLUGIN_H_ */
