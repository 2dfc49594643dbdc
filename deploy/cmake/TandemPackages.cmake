# Every outside package the build uses, in one place. All come from Debian 12;
# deploy/install_deps.sh installs them.
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(RocksDB CONFIG REQUIRED)
find_package(ICU REQUIRED COMPONENTS i18n uc data)
find_package(OpenSSL REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(yaml-cpp CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
# Tests in Python need Debian's own interpreter: grpcio and protobuf are packaged for that one only.
set(Python3_EXECUTABLE /usr/bin/python3 CACHE FILEPATH "The interpreter that has grpcio")
find_package(Python3 REQUIRED COMPONENTS Interpreter)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(RE2 REQUIRED IMPORTED_TARGET re2)
# The server's allocator: many small blocks are made on one thread and freed on another. The sanitizers bring theirs.
if(NOT TANDEM_SANITIZE)
  pkg_check_modules(JEMALLOC REQUIRED IMPORTED_TARGET jemalloc)
endif()
find_library(ROARING_LIBRARY roaring REQUIRED)
find_path(LEMON_INCLUDE_DIR lemon/network_simplex.h REQUIRED)
if(TANDEM_BUILD_TESTS)
  find_package(GTest CONFIG REQUIRED)
  find_package(benchmark CONFIG REQUIRED)
endif()

# google/rpc/{status,code,error_details}.proto: no C++ package ships them, this one has the plain
# text files with ErrorInfo.
set(TANDEM_GOOGLEAPIS_DIR /usr/share/gocode/src/github.com/gogo/googleapis
    CACHE PATH "Folder that holds google/rpc/error_details.proto")
if(NOT EXISTS ${TANDEM_GOOGLEAPIS_DIR}/google/rpc/error_details.proto)
  message(FATAL_ERROR "google/rpc/error_details.proto not found under ${TANDEM_GOOGLEAPIS_DIR}; "
    "install golang-github-gogo-googleapis-dev (deploy/install_deps.sh does) or set TANDEM_GOOGLEAPIS_DIR")
endif()
# grpc/health/v1 and grpc/reflection/v1, from Debian's grpc-proto.
set(TANDEM_GRPC_PROTO_DIR /usr/share/grpc-proto CACHE PATH "Folder that holds grpc/health/v1/health.proto")
if(NOT EXISTS ${TANDEM_GRPC_PROTO_DIR}/grpc/health/v1/health.proto)
  message(FATAL_ERROR "grpc/health/v1/health.proto not found under ${TANDEM_GRPC_PROTO_DIR}; "
    "install grpc-proto (deploy/install_deps.sh does) or set TANDEM_GRPC_PROTO_DIR")
endif()
