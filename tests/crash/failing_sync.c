// SPDX-License-Identifier: Apache-2.0

// Preloaded into a server: lets one sync of the database's log files fail, and all others pass, as
// a disk does that could not keep what it was given and then forgot about it. TANDEM_FAILING_SYNC
// says which one, from 1.
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long g_seen;

static int Fails(int file) {
  const char* wanted = getenv("TANDEM_FAILING_SYNC");
  if (wanted == NULL) return 0;
  char link[64];
  char path[4096];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof(path));
  if (length < 4 || memcmp(path + length - 4, ".log", 4) != 0) return 0;
  return atomic_fetch_add(&g_seen, 1) + 1 == strtol(wanted, NULL, 10);
}

static int Sync(long call, int file) {
  if (!Fails(file)) return (int)syscall(call, file);
  errno = EIO;
  return -1;
}

int fsync(int file) { return Sync(SYS_fsync, file); }
int fdatasync(int file) { return Sync(SYS_fdatasync, file); }
