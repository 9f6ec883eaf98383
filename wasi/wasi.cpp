// Construction of a guest's world, and the tables of functions as host functions.
#include "wasi/wasi.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "wasi/state.h"

namespace weft::wasi {

// Those of wasi_unstable that differ (poll.cpp, fd.cpp, path.cpp).
Errno unstable_poll_oneoff(Call& call);
Errno unstable_fd_seek(Call& call);
Errno unstable_fd_filestat_get(Call& call);
Errno unstable_path_filestat_get(Call& call);

namespace {

constexpr Function kUnstable[] = {
    {"poll_oneoff", "iiii", unstable_poll_oneoff},
    {"fd_seek", "ilii", unstable_fd_seek},
    {"fd_filestat_get", "ii", unstable_fd_filestat_get},
    {"path_filestat_get", "iiiii", unstable_path_filestat_get},
};

// What a host function of WASI needs besides its arguments.
struct Binding {
  std::shared_ptr<State> state;
  const Function* function = nullptr;
};

Outcome call_function(void* environment, HostContext& host, Cell* cells) {
  const auto& binding = *static_cast<Binding*>(environment);
  Memory* const memory = host.memory();
  if (memory == nullptr) return host.trap(TrapCode::Host, "WASI needs the caller to have a memory");
  Call call(*binding.state, host, memory, cells);
  cells[0] = static_cast<uint32_t>(binding.function->code(call));
  return Outcome::Return;
}

Outcome proc_exit(void*, HostContext& host, Cell* cells) { return host.exit(cell_i32(cells[0])); }

Outcome proc_raise(void*, HostContext& host, Cell* cells) {
  return host.trap(TrapCode::Host, fmt::format("the program raised signal {}", cell_u32(cells[0]) & 0xFF));
}

FuncType function_type(std::string_view params, bool has_result = true) {
  FuncType type;
  for (const char letter : params) type.params.push_back(letter == 'l' ? ValType::I64 : ValType::I32);
  if (has_result) type.results.push_back(ValType::I32);
  return type;
}

// A standard stream: what the host descriptor is decides what the guest may do with it.
std::shared_ptr<Descriptor> standard_stream(int fd) {
  struct stat status = {};
  if (fd < 0 || fstat(fd, &status) != 0) return nullptr;
  const FileType type = from_host_mode(status.st_mode);
  const bool is_socket = type == FileType::SocketStream;
  const bool is_file = type == FileType::RegularFile;
  const Rights base = is_file ? rights::kFile : is_socket ? rights::kSocket : rights::kStream;
  return std::make_shared<Descriptor>(fd, false, type, base, Rights{0});
}

Result<std::shared_ptr<Descriptor>> open_preopen(const Preopen& preopen) {
  const int fd = open(preopen.host_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    return fail(ErrorKind::Io, fmt::format("directory '{}': {}", preopen.host_path, std::strerror(errno)));
  }
  Rights base = rights::kDirectory;
  Rights inheriting = rights::kDirectory | rights::kFile;
  if (preopen.read_only) {
    base &= ~rights::kModifying;
    inheriting &= ~rights::kModifying;
  }
  auto descriptor = std::make_shared<Descriptor>(fd, true, FileType::Directory, base, inheriting);
  descriptor->is_preopen = true;
  descriptor->read_only = preopen.read_only;
  descriptor->preopen_path = preopen.guest_path;
  return descriptor;
}

void define(Linker& linker, std::string_view module, const std::shared_ptr<State>& state,
            std::span<const Function> functions) {
  for (const Function& function : functions) {
    auto binding = std::make_shared<Binding>(Binding{state, &function});
    linker.define(module, function.name,
                  HostFunction{function_type(function.params), call_function, std::move(binding)});
  }
}

}  // namespace

Wasi::~Wasi() = default;

Result<std::shared_ptr<Wasi>> Wasi::create(const Config& config) {
  auto state = std::make_shared<State>();
  state->arguments = config.arguments;
  state->deterministic = config.deterministic;
  for (const auto& [key, value] : config.environment) state->environment.push_back(key + "=" + value);
  for (uint32_t i = 0; i < 3; ++i) state->descriptors.set(i, standard_stream(config.standard_streams[i]));
  uint32_t number = 3;
  for (const Preopen& preopen : config.preopens) {
    auto descriptor = open_preopen(preopen);
    if (!descriptor) return std::unexpected(std::move(descriptor).error());
    state->descriptors.set(number++, *std::move(descriptor));
  }
  return std::shared_ptr<Wasi>(new Wasi(std::move(state)));
}

void Wasi::add_to(Linker& linker) {
  for (const std::string_view module : {"wasi_snapshot_preview1", "wasi_unstable"}) {
    for (const auto functions :
         {environment_functions(), fd_functions(), path_functions(), poll_functions(), socket_functions()}) {
      define(linker, module, state_, functions);
    }
    linker.define(module, "proc_exit", HostFunction{function_type("i", false), proc_exit, nullptr});
    linker.define(module, "proc_raise", HostFunction{function_type("i"), proc_raise, nullptr});
  }
  define(linker, "wasi_unstable", state_, kUnstable);
}

}  // namespace weft::wasi
