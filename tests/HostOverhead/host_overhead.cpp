#include "host_overhead.h"

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <stdexcept>

namespace {

constexpr std::size_t page = 4096;
constexpr std::chrono::milliseconds patience{20'000};

struct FreeMemory {
    void operator()(void* memory) const { std::free(memory); }
};
using Pages = std::unique_ptr<void, FreeMemory>;

Pages allocate_pages(std::size_t bytes) {
    const std::size_t whole = (bytes + page - 1) / page * page;
    Pages pages(std::aligned_alloc(page, whole));
    if (pages == nullptr) {
        throw std::bad_alloc();
    }
    std::memset(pages.get(), 0, whole);
    return pages;
}

}  // namespace

struct overhead_session {
    overhead_session(const char* xclbin, std::size_t byte_count)
        : bytes(byte_count),
          source(allocate_pages(byte_count)),
          input_pages(allocate_pages(byte_count)),
          output_pages(allocate_pages(byte_count)),
          device(0),
          kernel(device, device.load_xclbin(xclbin), "copy_words:{copy_words_1}"),
          input(device, input_pages.get(), byte_count, kernel.group_id(0)),
          output(device, output_pages.get(), byte_count, kernel.group_id(1)),
          run(kernel) {
        std::memset(source.get(), 0x5a, byte_count);
        run.set_arg(0, input);
        run.set_arg(1, output);
        run.set_arg(2, static_cast<std::uint32_t>(byte_count / sizeof(std::uint32_t)));
    }

    std::size_t bytes;
    Pages source;
    Pages input_pages;
    Pages output_pages;
    xrt::device device;
    xrt::kernel kernel;
    xrt::bo input;
    xrt::bo output;
    xrt::run run;

    void perform(overhead_operation operation) {
        switch (operation) {
            case overhead_to_card:
                input.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, 0);
                break;
            case overhead_from_card:
                output.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0);
                break;
            case overhead_round_trip:
                std::memcpy(input_pages.get(), source.get(), bytes);
                input.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, 0);
                input.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0);
                break;
            case overhead_launch:
                std::memcpy(input_pages.get(), source.get(), bytes);
                input.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, 0);
                run.start();
                if (run.wait(patience) != ERT_CMD_STATE_COMPLETED) {
                    throw std::runtime_error("the run did not complete");
                }
                output.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0);
                break;
        }
    }
};

overhead_session* overhead_open(const char* xclbin, std::size_t bytes, char* reason, std::size_t reason_bytes) {
    try {
        return new overhead_session(xclbin, bytes);
    } catch (const std::exception& error) {
        std::strncpy(reason, error.what(), reason_bytes - 1);
        reason[reason_bytes - 1] = '\0';
        return nullptr;
    }
}

std::int64_t overhead_measure(overhead_session* session, overhead_operation operation, std::int32_t repetitions) {
    try {
        const auto start = std::chrono::steady_clock::now();
        for (std::int32_t i = 0; i < repetitions; ++i) {
            session->perform(operation);
        }
        const auto time = std::chrono::steady_clock::now() - start;
        if (operation == overhead_launch &&
            std::memcmp(session->output_pages.get(), session->source.get(), session->bytes) != 0) {
            return -1;
        }
        return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    } catch (const std::exception&) {
        return -1;
    }
}

void overhead_close(overhead_session* session) { delete session; }
