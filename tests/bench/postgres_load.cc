// SPDX-License-Identifier: Apache-2.0

// The counterpart of load_client for PostgreSQL: a number of connections, each with one prepared
// statement in flight, for a time. Prints one JSON object of the same shape; processor time is that
// of all processes the postmaster started.
//
//   postgres_load CONNINFO SQL PARAMETER_FILE CONNECTIONS SECONDS POSTMASTER_PID
//
// PARAMETER_FILE: a line a request, parameters parted by tabs. CONNINFO must name a unix socket.

#include <dirent.h>
#include <libpq-fe.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Parameters = std::vector<std::string>;

struct ConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, ConnectionCloser>;
using Result = std::unique_ptr<PGresult, ResultCloser>;

std::vector<Parameters> ReadParameters(const char* path) {
  std::ifstream in(path);
  std::vector<Parameters> all;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    Parameters parameters;
    for (std::string field; std::getline(fields, field, '\t');) parameters.push_back(field);
    all.push_back(std::move(parameters));
  }
  return all;
}

// User and system time, in clock ticks, of the processes whose parent is `postmaster`, and its own.
// A backend that ended is missing, so connections stay open while counting.
int64_t CpuMicros(int64_t postmaster) {
  int64_t ticks = 0;
  std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), &closedir);
  while (const dirent* entry = processes ? readdir(processes.get()) : nullptr) {
    if (entry->d_name[0] < '0' || entry->d_name[0] > '9') continue;
    std::ifstream in(std::string("/proc/") + entry->d_name + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream fields(text.substr(name_end + 2));
    std::string field;
    int64_t own = 0;
    bool counted = std::strtoll(entry->d_name, nullptr, 10) == postmaster;
    // Field 4 of proc(5) is the parent, 14 and 15 the times; the first here is the third.
    for (int number = 3; number <= 15 && fields >> field; ++number) {
      const int64_t value = std::strtoll(field.c_str(), nullptr, 10);
      if (number == 4) counted = counted || value == postmaster;
      if (number >= 14) own += value;
    }
    if (counted) ticks += own;
  }
  return ticks * 1'000'000 / sysconf(_SC_CLK_TCK);
}

[[noreturn]] void Fail(const char* what, PGconn* connection) {
  std::fprintf(stderr, "postgres_load: %s: %s", what, PQerrorMessage(connection));
  std::exit(1);
}

void Send(PGconn* connection, const Parameters& parameters) {
  std::vector<const char*> values;
  for (const std::string& value : parameters) values.push_back(value.c_str());
  if (PQsendQueryPrepared(connection, "load", static_cast<int>(values.size()), values.data(),
                          nullptr, nullptr, 1) != 1) {
    Fail("sending", connection);
  }
}

// Rows and bytes of the answers that are complete; false while the connection is still busy.
bool Receive(PGconn* connection, uint64_t* rows, uint64_t* bytes) {
  if (PQconsumeInput(connection) != 1) Fail("receiving", connection);
  while (PQisBusy(connection) == 0) {
    const Result result(PQgetResult(connection));
    if (!result) return true;
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) Fail("the statement", connection);
    *rows += static_cast<uint64_t>(PQntuples(result.get()));
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      *bytes += static_cast<uint64_t>(PQgetlength(result.get(), row, 0));
    }
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7 || std::strstr(argv[1], "host=/") == nullptr) {
    std::fprintf(stderr,
                 "usage: postgres_load 'host=/FOLDER …' SQL PARAMETER_FILE CONNECTIONS SECONDS "
                 "POSTMASTER_PID\n");
    return 2;
  }
  const std::vector<Parameters> requests = ReadParameters(argv[3]);
  const auto connections = static_cast<size_t>(std::clamp(std::atoi(argv[4]), 1, 90));
  const auto seconds = std::chrono::duration<double>(std::min(60.0, std::atof(argv[5])));
  const int64_t postmaster = std::strtoll(argv[6], nullptr, 10);
  if (requests.empty()) {
    std::fprintf(stderr, "postgres_load: no requests\n");
    return 2;
  }
  std::vector<Connection> opened;
  std::vector<pollfd> polled;
  std::vector<Clock::time_point> started(connections);
  for (size_t i = 0; i < connections; ++i) {
    opened.emplace_back(PQconnectdb(argv[1]));
    PGconn* connection = opened.back().get();
    if (PQstatus(connection) != CONNECTION_OK) Fail("connecting", connection);
    const Result prepared(PQprepare(connection, "load", argv[2], 0, nullptr));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) Fail("preparing", connection);
    polled.push_back({PQsocket(connection), POLLIN, 0});
  }
  size_t next = 0;
  auto start = [&](size_t i) {
    started[i] = Clock::now();
    Send(opened[i].get(), requests[next]);
    next = (next + 1) % requests.size();
  };
  for (size_t i = 0; i < connections; ++i) start(i);
  const Clock::time_point warm =
      Clock::now() + std::chrono::duration_cast<Clock::duration>(seconds / 5);
  Clock::time_point begin;
  Clock::time_point end = Clock::time_point::max();
  bool counting = false;
  int64_t cpu_begin = 0;
  uint64_t rows = 0, bytes = 0;
  std::vector<float> latencies;
  while (Clock::now() < end) {
    if (poll(polled.data(), polled.size(), 10'000) <= 0) {
      std::fprintf(stderr, "postgres_load: no answer in 10 s\n");
      return 1;
    }
    for (size_t i = 0; i < connections; ++i) {
      if ((polled[i].revents & POLLIN) == 0) continue;
      if (!Receive(opened[i].get(), &rows, &bytes)) continue;
      const Clock::time_point now = Clock::now();
      if (!counting && now >= warm) {
        counting = true;
        begin = now;
        end = now + std::chrono::duration_cast<Clock::duration>(seconds);
        cpu_begin = CpuMicros(postmaster);
        rows = bytes = 0;
      } else if (counting) {
        latencies.push_back(std::chrono::duration<float, std::micro>(now - started[i]).count());
      }
      start(i);
    }
  }
  const int64_t cpu = CpuMicros(postmaster) - cpu_begin;
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto n = static_cast<double>(std::max<size_t>(latencies.size(), 1));
  std::sort(latencies.begin(), latencies.end());
  auto quantile = [&](double q) {
    return latencies.empty()
               ? 0.0F
               : latencies[static_cast<size_t>(q * static_cast<double>(latencies.size() - 1))];
  };
  std::printf(
      "{\"requests\":%zu,\"errors\":0,\"seconds\":%.3f,\"rps\":%.0f,\"cpu_us\":%.2f,"
      "\"p50_us\":%.0f,\"p99_us\":%.0f,\"reply_bytes\":%.0f,\"rows\":%.1f}\n",
      latencies.size(), wall, n / wall, static_cast<double>(cpu) / n, quantile(0.5), quantile(0.99),
      static_cast<double>(bytes) / n, static_cast<double>(rows) / n);
  return 0;
}
