#include "kernel_library.hpp"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "image.hpp"

namespace jpegact::card {
namespace {

int memory_file(const char* payload, std::size_t size) {
    const int file = ::memfd_create("jpegact-kernels", MFD_CLOEXEC);
    if (file < 0) {
        throw ImageError(errno, std::string("cannot create a memory file for the kernels: ") + std::strerror(errno));
    }
    for (std::size_t done = 0; done < size;) {
        const ssize_t written = ::write(file, payload + done, size - done);
        if (written < 0) {
            const int error_number = errno;
            ::close(file);
            throw ImageError(error_number, std::string("cannot store the kernels: ") + std::strerror(error_number));
        }
        done += static_cast<std::size_t>(written);
    }
    return file;
}

std::string path_of(int file) { return "/proc/self/fd/" + std::to_string(file); }

// Unloads a library and closes its file. A library whose thread-local objects outlive it stays loaded, and the linker
// takes two libraries of the same path for one: then the file stays open too, so that its number is not used again and
// no later image runs these kernels.
void unload(void* library, int file) {
    ::dlclose(library);
    if (void* const pinned = ::dlopen(path_of(file).c_str(), RTLD_NOW | RTLD_NOLOAD)) {
        ::dlclose(pinned);
        return;
    }
    ::close(file);
}

}  // namespace

KernelLibrary::KernelLibrary(const char* payload, std::size_t size, const std::string& kernel)
    : file_(memory_file(payload, size)) {
    library_ = ::dlopen(path_of(file_).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) {
        const std::string reason = ::dlerror();
        ::close(file_);
        throw ImageError(
            ENOEXEC, "the xclbin's BITSTREAM is not a kernel library for this card (a hardware bitstream?): " + reason);
    }
    function_ = ::dlsym(library_, kernel.c_str());
    if (function_ == nullptr) {
        unload(library_, file_);
        throw ImageError(ENOENT, "the xclbin names a kernel '" + kernel + "', which its BITSTREAM does not export");
    }
    model_ = ::dlsym(library_, "jpegact_model_launch");
}

KernelLibrary::~KernelLibrary() { unload(library_, file_); }

}  // namespace jpegact::card
