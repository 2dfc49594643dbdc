// SPDX-License-Identifier: Apache-2.0

// tandem-plugin-host: the process one plugin runs in. It confines itself, loads the sealed library
// it inherited, and answers the server's requests one at a time until the socket closes. See
// host_wire.h.
#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "host/confinement.h"
#include "host/host_wire.h"
#include "host/segment_table.h"
#include "host/stage_call.h"
#include "sdk/tandem_plugin.h"

namespace tandem::host {
namespace {

wire::ControlPage* g_control = nullptr;

// Why a call failed; the ctx of every host function leads here.
struct CallContext {
  std::vector<void*> scratch;
};

void SetText(const char* text, uint64_t length) {
  uint32_t n = static_cast<uint32_t>(std::min<uint64_t>(length, wire::kTextBytes));
  std::memcpy(g_control->text, text, n);
  g_control->text_length = n;
}

void HostLog(void*, int32_t level, tandem_str message) {
  static constexpr const char* kLevels[] = {"debug", "info", "warning", "error"};
  // One write of at most PIPE_BUF bytes is never torn; a full pipe drops the line.
  char line[1100];
  int length = static_cast<int>(std::min<uint64_t>(message.len, 1024));
  int n = std::snprintf(line, sizeof(line), "%s: %.*s\n", kLevels[std::clamp(level, 0, 3)], length,
                        message.ptr == nullptr ? "" : message.ptr);
  if (n > 0 && write(STDERR_FILENO, line, static_cast<size_t>(n)) < 0) return;
}

tandem_status HostShouldStop(void*) { return g_control->stop.load(std::memory_order_relaxed); }

void* HostScratch(void* ctx, uint64_t bytes, uint32_t align) {
  if (ctx == nullptr || align == 0 || (align & (align - 1)) != 0 || align > 4096) return nullptr;
  void* memory = nullptr;
  if (posix_memalign(&memory, std::max<size_t>(align, sizeof(void*)),
                     std::max<uint64_t>(bytes, 1)) != 0) {
    g_control->out_of_memory.store(1);
    return nullptr;
  }
  static_cast<CallContext*>(ctx)->scratch.push_back(memory);
  return memory;
}

tandem_status HostFail(void*, tandem_status code, tandem_str why) {
  SetText(why.ptr == nullptr ? "" : why.ptr, why.ptr == nullptr ? 0 : why.len);
  if (code == TANDEM_NO_MEMORY) g_control->out_of_memory.store(1);
  return code;
}

const void* HostExtension(const char*) { return nullptr; }

constexpr tandem_host kHost = {
    sizeof(tandem_host), TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR, &HostLog,
    &HostShouldStop,     &HostScratch,     &HostFail,        &HostExtension};

// Remembers that memory ran out, so that the server can tell it from other crashes; then lets `new`
// throw.
void OnOutOfMemory() {
  g_control->out_of_memory.store(1);
  std::set_new_handler(nullptr);
}

bool Send(const wire::Frame& frame) {
  ssize_t n;
  do {
    n = send(wire::kSocketFd, &frame, sizeof(frame), MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  return n == sizeof(frame);
}

// Receives a frame and the descriptor that came with it (-1: none); false at the end of the
// connection.
bool Receive(wire::Frame* frame, int* descriptor) {
  *descriptor = -1;
  iovec part = {frame, sizeof(*frame)};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof(control);
  ssize_t n;
  do {
    n = recvmsg(wire::kSocketFd, &message, MSG_CMSG_CLOEXEC);
  } while (n < 0 && errno == EINTR);
  if (n != sizeof(*frame)) return false;
  for (cmsghdr* head = CMSG_FIRSTHDR(&message); head != nullptr;
       head = CMSG_NXTHDR(&message, head)) {
    if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS) {
      std::memcpy(descriptor, CMSG_DATA(head), sizeof(int));
    }
  }
  return true;
}

// The loaded module and its state.
class Module {
 public:
  // Loads the image; on failure the reason's text is in the control page.
  wire::ReadyFault Load(const char* id, const char* version) {
    std::string path = "/proc/self/fd/" + std::to_string(wire::kImageFd);
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
      const char* why = dlerror();
      SetText(why, std::strlen(why));
      return wire::ReadyFault::kLoad;
    }
    close(wire::kImageFd);
    auto entry = reinterpret_cast<decltype(&tandem_entry)>(dlsym(library, "tandem_entry"));
    if (entry == nullptr)
      return Fault(wire::ReadyFault::kEntry, "the library exports no tandem_entry");
    module_ = entry(TANDEM_ABI_MAJOR, TANDEM_ABI_MINOR);
    if (module_ == nullptr) return Fault(wire::ReadyFault::kEntry, "tandem_entry returned NULL");
    if (!TANDEM_HAS(module_, stage) || module_->id == nullptr || module_->version == nullptr ||
        module_->open == nullptr || module_->close == nullptr || module_->create == nullptr ||
        module_->destroy == nullptr || module_->stage == nullptr) {
      return Fault(wire::ReadyFault::kEntry, "the module's table is incomplete");
    }
    if (module_->abi_major != TANDEM_ABI_MAJOR) {
      return Fault(wire::ReadyFault::kVersion, "the module says another ABI major than its note");
    }
    std::snprintf(g_control->id, sizeof(g_control->id), "%s", module_->id);
    std::snprintf(g_control->version, sizeof(g_control->version), "%s", module_->version);
    if ((*id != '\0' && std::strcmp(id, module_->id) != 0) ||
        (*version != '\0' && std::strcmp(version, module_->version) != 0)) {
      std::string text = std::string("the library is ") + module_->id + " " + module_->version +
                         ", its manifest says " + id + " " + version;
      SetText(text.data(), text.size());
      return wire::ReadyFault::kIdentity;
    }
    if (module_->open(&kHost, nullptr, &state_) != TANDEM_OK) {
      if (g_control->text_length == 0) SetText("open failed", 11);
      return wire::ReadyFault::kOpen;
    }
    stages_.filter = Stage<tandem_filter>(TANDEM_STAGE_FILTER);
    stages_.score = Stage<tandem_score>(TANDEM_STAGE_SCORE);
    stages_.assign = Stage<tandem_assign>(TANDEM_STAGE_ASSIGN);
    return wire::ReadyFault::kNone;
  }

  uint64_t stage_bits() const {
    uint64_t bits = 0;
    if (stages_.filter != nullptr) bits |= static_cast<uint64_t>(wire::Stage::kFilter);
    if (stages_.score != nullptr) bits |= static_cast<uint64_t>(wire::Stage::kScore);
    if (stages_.assign != nullptr) bits |= static_cast<uint64_t>(wire::Stage::kAssign);
    return bits;
  }

  tandem_status Create(uint64_t id, tandem_str config) {
    CallContext context;
    void* instance = nullptr;
    tandem_status status = module_->create(state_, &context, config, &instance);
    FreeScratch(context);
    if (status == TANDEM_OK) instances_[id] = instance;
    return status;
  }

  void Destroy(uint64_t id) {
    auto it = instances_.find(id);
    if (it == instances_.end()) return;
    module_->destroy(it->second);
    instances_.erase(it);
  }

  tandem_status Call(const SegmentTable& segments, uint64_t instance, uint64_t call_segment) {
    auto it = instances_.find(instance);
    if (it == instances_.end()) Die("a call names an instance that was not created");
    CallContext context;
    tandem_status status = RunStage(segments, call_segment, stages_, it->second, &context);
    FreeScratch(context);
    return status;
  }

  void Close() {
    while (!instances_.empty()) Destroy(instances_.begin()->first);
    module_->close(state_);
  }

 private:
  static wire::ReadyFault Fault(wire::ReadyFault fault, const char* text) {
    SetText(text, std::strlen(text));
    return fault;
  }
  static void FreeScratch(const CallContext& context) {
    for (void* memory : context.scratch) std::free(memory);
  }
  template <typename T>
  const T* Stage(const char* id) const {
    const T* stage = static_cast<const T*>(module_->stage(id));
    return stage != nullptr && TANDEM_HAS(stage, run) && stage->run != nullptr ? stage : nullptr;
  }

  const tandem_module* module_ = nullptr;
  void* state_ = nullptr;
  StageTables stages_;
  std::map<uint64_t, void*> instances_;
};

// Answers requests until the server closes the socket.
void Serve(Module* module) {
  SegmentTable segments;
  wire::Frame frame;
  int descriptor = -1;
  while (Receive(&frame, &descriptor)) {
    if (descriptor >= 0 && frame.kind != wire::FrameKind::kMap) Die("an unexpected descriptor");
    g_control->text_length = 0;
    g_control->out_of_memory.store(0);
    std::set_new_handler(&OnOutOfMemory);
    wire::Frame done{};
    done.kind = wire::FrameKind::kDone;
    done.sequence = frame.sequence;
    tandem_status status = TANDEM_OK;
    switch (frame.kind) {
      case wire::FrameKind::kMap:
        if (descriptor < 0 || !segments.Map(frame.a, frame.b, descriptor, frame.c != 0)) {
          Die("a segment can't be mapped");
        }
        continue;
      case wire::FrameKind::kUnmap:
        segments.Unmap(frame.a);
        continue;
      case wire::FrameKind::kDestroy:
        module->Destroy(frame.a);
        continue;
      case wire::FrameKind::kCreate:
        status = module->Create(frame.a, {segments.At(frame.b, frame.c, frame.d, 1), frame.d});
        break;
      case wire::FrameKind::kCall:
        status = module->Call(segments, frame.a, frame.b);
        break;
      default:
        Die("an unknown frame");
    }
    done.a = static_cast<uint64_t>(static_cast<uint32_t>(status));
    if (!Send(done)) return;
  }
  module->Close();
}

int Main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "tandem-plugin-host is started by tandemd; it is of no use by itself\n");
    return 64;
  }
  void* page = mmap(nullptr, sizeof(wire::ControlPage), PROT_READ | PROT_WRITE, MAP_SHARED,
                    wire::kControlFd, 0);
  if (page == MAP_FAILED) Die("no control page");
  g_control = static_cast<wire::ControlPage*>(page);
  close(wire::kControlFd);
  uint64_t sandbox = Confine(wire::kControlFd, std::strtoull(argv[3], nullptr, 10),
                             std::strcmp(argv[4], "1") == 0);
  wire::Frame ready{};
  ready.kind = wire::FrameKind::kReady;
  ready.c = sandbox;
  std::set_new_handler(&OnOutOfMemory);
  static Module module;
  if (sandbox == 0) {
    SetText("the process can't be confined", 29);
    ready.a = static_cast<uint64_t>(wire::ReadyFault::kSetup);
  } else {
    ready.a = static_cast<uint64_t>(module.Load(argv[1], argv[2]));
  }
  ready.b = ready.a == 0 ? module.stage_bits() : 0;
  if (!Send(ready) || ready.a != 0) _exit(1);
  Serve(&module);
  // No static destructors of the plugin: they have nothing left to save.
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace
}  // namespace tandem::host

int main(int argc, char** argv) { return tandem::host::Main(argc, argv); }
