// SPDX-License-Identifier: Apache-2.0

#include "host/confinement.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/host_wire.h"

namespace tandem::host {
namespace {

bool Limit(int resource, rlim_t value) {
  rlimit limit{value, value};
  return setrlimit(static_cast<__rlimit_resource_t>(resource), &limit) == 0;
}

// An empty capability set, for hosts of a server that runs as root.
bool DropCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

}  // namespace

uint64_t Confine(int first_free, uint64_t memory_mb, bool threads_allowed) {
  uint64_t in_force = 0;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return 0;
  // Should the parent have gone before the line above, the control socket is at its end: we leave
  // by that.
  in_force |= wire::kDeathSignal;
  if (syscall(SYS_close_range, first_free, ~0U, 0) != 0) return 0;
  if (chdir("/") != 0) return 0;
  umask(077);
  if (!Limit(RLIMIT_CORE, 0) || !Limit(RLIMIT_FSIZE, 0) || !Limit(RLIMIT_NOFILE, 64) ||
      !Limit(RLIMIT_MSGQUEUE, 0)) {
    return 0;
  }
  in_force |= wire::kRlimits;
#ifndef TANDEM_NO_MEMORY_LIMIT
  // RLIMIT_DATA, not RLIMIT_AS: mapped tables and reserved address space cost nothing.
  if (Limit(RLIMIT_DATA, memory_mb << 20)) in_force |= wire::kMemoryRlimit;
#else
  (void)memory_mb;
#endif
  // The limit counts all processes and threads of the user, so only "no new one at all" means
  // anything; the kernel does not apply it to root.
  if (!threads_allowed && Limit(RLIMIT_NPROC, 0) && getuid() != 0) in_force |= wire::kNoProcesses;
  if (DropCapabilities()) in_force |= wire::kNoCapabilities;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 0;
  in_force |= wire::kNoNewPrivs;
  return in_force;
}

}  // namespace tandem::host
