#include "buffer.hpp"

#include <sys/mman.h>
#include <xrt/xrt_mem.h>

#include <new>

namespace jpegact::card {

HostPages::HostPages(std::size_t size) : length_(size == 0 ? 1 : size) {
    void* memory = ::mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    data_ = static_cast<char*>(memory);
}

HostPages::~HostPages() { ::munmap(data_, length_); }

bool Buffer::is_command_packet() const { return (flags & XCL_BO_FLAGS_EXECBUF) != 0; }

}  // namespace jpegact::card
