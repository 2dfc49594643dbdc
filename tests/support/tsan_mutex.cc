// SPDX-License-Identifier: Apache-2.0

// Tells ThreadSanitizer what the packaged absl::Mutex, CondVar and Notification do. Debian's Abseil
// is built without the sanitizer, so its locks are invisible to it and every guarded member would
// look like a race. Loaded in front of Abseil in builds with TANDEM_SANITIZE=thread: each function
// here announces the lock and then calls the real one, the next of its name. Not part of any other
// build.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdio>
#include <cstdlib>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"

#define TANDEM_TEXT_INNER(a) #a
#define TANDEM_TEXT(a) TANDEM_TEXT_INNER(a)
// The mangled start of Abseil's inline namespace, for example "_ZN4absl7debian3".
#define TANDEM_ABSL "_ZN4absl7" TANDEM_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME)
#define TANDEM_MUTEX(name) TANDEM_ABSL "5Mutex" name
#define TANDEM_CONDVAR(name) TANDEM_ABSL "7CondVar" name
#define TANDEM_NOTIFICATION(name) TANDEM_ABSL "12Notification" name
#define TANDEM_CONST_NOTIFICATION(name) \
  "_ZNK4absl7" TANDEM_TEXT(ABSL_OPTION_INLINE_NAMESPACE_NAME) "12Notification" name

namespace {

// The function that this library stands in front of.
template <typename Function>
Function* Next(const char* symbol) {
  void* const found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "tsan_mutex: no %s behind this library\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Function*>(found);
}

constexpr unsigned kWrite = 0;
constexpr unsigned kRead = __tsan_mutex_read_lock;

// How many functions of this library the thread is in. Abseil's own calls of one from another come
// by here too; only the outermost speaks to the sanitizer.
thread_local int depth = 0;

// One function of Abseil at work on one mutex: says what it does when it begins and ends.
class Announced {
 public:
  enum class Does { kLock, kUnlock, kWait };

  Announced(void* mutex, Does does, unsigned flags = kWrite)
      : mutex_(mutex), does_(does), flags_(flags), outermost_(depth++ == 0) {
    if (!outermost_) return;
    if (does_ != Does::kLock) __tsan_mutex_pre_unlock(mutex_, flags_);
    if (does_ == Does::kWait) __tsan_mutex_post_unlock(mutex_, flags_);
    // What Abseil reads until the lock is there (conditions of other waiters) is left out.
    if (does_ != Does::kUnlock) __tsan_mutex_pre_lock(mutex_, flags_);
  }
  ~Announced() {
    --depth;
    if (!outermost_) return;
    if (does_ == Does::kUnlock) {
      __tsan_mutex_post_unlock(mutex_, flags_);
    } else {
      __tsan_mutex_post_lock(mutex_, flags_ | (got_it_ ? 0 : __tsan_mutex_try_lock_failed), 0);
    }
  }
  Announced(const Announced&) = delete;
  Announced& operator=(const Announced&) = delete;

  // Says whether a try succeeded; `got_it` comes back.
  bool Result(bool got_it) { return got_it_ = got_it; }

 private:
  void* const mutex_;
  const Does does_;
  const unsigned flags_;
  const bool outermost_;
  bool got_it_ = true;
};
constexpr auto kLock = Announced::Does::kLock;
constexpr auto kUnlock = Announced::Does::kUnlock;
constexpr auto kWait = Announced::Does::kWait;

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

Mutex::~Mutex() {
  static auto* const next = Next<void(Mutex*)>(TANDEM_MUTEX("D1Ev"));
  next(this);
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
}

void Mutex::Lock() {
  static auto* const next = Next<void(Mutex*)>(TANDEM_MUTEX("4LockEv"));
  const Announced locking(this, kLock, kWrite);
  next(this);
}

bool Mutex::TryLock() {
  static auto* const next = Next<bool(Mutex*)>(TANDEM_MUTEX("7TryLockEv"));
  Announced locking(this, kLock, kWrite | __tsan_mutex_try_lock);
  return locking.Result(next(this));
}

void Mutex::Unlock() {
  static auto* const next = Next<void(Mutex*)>(TANDEM_MUTEX("6UnlockEv"));
  const Announced unlocking(this, kUnlock, kWrite);
  next(this);
}

void Mutex::ReaderLock() {
  static auto* const next = Next<void(Mutex*)>(TANDEM_MUTEX("10ReaderLockEv"));
  const Announced locking(this, kLock, kRead);
  next(this);
}

bool Mutex::ReaderTryLock() {
  static auto* const next = Next<bool(Mutex*)>(TANDEM_MUTEX("13ReaderTryLockEv"));
  Announced locking(this, kLock, kRead | __tsan_mutex_try_lock);
  return locking.Result(next(this));
}

void Mutex::ReaderUnlock() {
  static auto* const next = Next<void(Mutex*)>(TANDEM_MUTEX("12ReaderUnlockEv"));
  const Announced unlocking(this, kUnlock, kRead);
  next(this);
}

void Mutex::LockWhen(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(TANDEM_MUTEX("8LockWhenERKNS0_9ConditionE"));
  const Announced locking(this, kLock, kWrite);
  next(this, condition);
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Duration)>(
      TANDEM_MUTEX("19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  const Announced locking(this, kLock, kWrite);
  return next(this, condition, timeout);
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Time)>(
      TANDEM_MUTEX("20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  const Announced locking(this, kLock, kWrite);
  return next(this, condition, deadline);
}

void Mutex::Await(const Condition& condition) {
  static auto* const next =
      Next<void(Mutex*, const Condition&)>(TANDEM_MUTEX("5AwaitERKNS0_9ConditionE"));
  const Announced waiting(this, kWait);
  next(this, condition);
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Duration)>(
      TANDEM_MUTEX("16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE"));
  const Announced waiting(this, kWait);
  return next(this, condition, timeout);
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  static auto* const next = Next<bool(Mutex*, const Condition&, Time)>(
      TANDEM_MUTEX("17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE"));
  const Announced waiting(this, kWait);
  return next(this, condition, deadline);
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const next = Next<void(CondVar*, Mutex*)>(TANDEM_CONDVAR("4WaitEPNS0_5MutexE"));
  const Announced waiting(mutex, kWait);
  next(this, mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Duration)>(
      TANDEM_CONDVAR("15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE"));
  const Announced waiting(mutex, kWait);
  return next(this, mutex, timeout);
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const next = Next<bool(CondVar*, Mutex*, Time)>(
      TANDEM_CONDVAR("16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE"));
  const Announced waiting(mutex, kWait);
  return next(this, mutex, deadline);
}

// What a thread did before it notified is seen by whoever was told.
void Notification::Notify() {
  static auto* const next = Next<void(Notification*)>(TANDEM_NOTIFICATION("6NotifyEv"));
  __tsan_release(this);
  next(this);
}

void Notification::WaitForNotification() const {
  static auto* const next =
      Next<void(const Notification*)>(TANDEM_CONST_NOTIFICATION("19WaitForNotificationEv"));
  next(this);
  __tsan_acquire(const_cast<Notification*>(this));
}

ABSL_NAMESPACE_END
}  // namespace absl
