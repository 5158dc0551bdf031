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
constexpr const char* unit = "copy_words:{copy_words_1}";

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

/// XRT's C++ interface.
struct CppCard {
    CppCard(const char* xclbin, std::size_t bytes, void* input_pages, void* output_pages)
        : device(0),
          kernel(device, device.load_xclbin(xclbin), unit),
          input(device, input_pages, bytes, kernel.group_id(0)),
          output(device, output_pages, bytes, kernel.group_id(1)),
          run(kernel) {
        run.set_arg(0, input);
        run.set_arg(1, output);
        run.set_arg(2, static_cast<std::uint32_t>(bytes / sizeof(std::uint32_t)));
    }

    void to_card(std::size_t bytes) { input.sync(XCL_BO_SYNC_BO_TO_DEVICE, bytes, 0); }
    void back_from_card(std::size_t bytes) { input.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0); }
    void from_card(std::size_t bytes) { output.sync(XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0); }
    void launch() {
        run.start();
        if (run.wait(patience) != ERT_CMD_STATE_COMPLETED) {
            throw std::runtime_error("the run did not complete");
        }
    }

    xrt::device device;
    xrt::kernel kernel;
    xrt::bo input;
    xrt::bo output;
    xrt::run run;
};

/// XRT's C interface. A session that fails half-way ends the benchmark, so what it had opened is left to the process's
/// end.
struct CCard {
    CCard(const char* xclbin, std::size_t bytes, void* input_pages, void* output_pages)
        : device(opened(xrtDeviceOpen(0))) {
        xuid_t uuid;
        check(xrtDeviceLoadXclbinFile(device, xclbin));
        check(xrtDeviceGetXclbinUUID(device, uuid));
        kernel = opened(xrtPLKernelOpen(device, uuid, unit));
        input = opened(xrtBOAllocUserPtr(device, input_pages, bytes, 0, bank(0)));
        output = opened(xrtBOAllocUserPtr(device, output_pages, bytes, 0, bank(1)));
        run = opened(xrtRunOpen(kernel));
        check(xrtRunSetArg(run, 0, input));
        check(xrtRunSetArg(run, 1, output));
        check(xrtRunSetArg(run, 2, static_cast<std::uint32_t>(bytes / sizeof(std::uint32_t))));
    }
    ~CCard() {
        xrtRunClose(run);
        xrtBOFree(output);
        xrtBOFree(input);
        xrtKernelClose(kernel);
        xrtDeviceClose(device);
    }
    CCard(const CCard&) = delete;
    CCard& operator=(const CCard&) = delete;

    void to_card(std::size_t bytes) { check(xrtBOSync(input, XCL_BO_SYNC_BO_TO_DEVICE, bytes, 0)); }
    void back_from_card(std::size_t bytes) { check(xrtBOSync(input, XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0)); }
    void from_card(std::size_t bytes) { check(xrtBOSync(output, XCL_BO_SYNC_BO_FROM_DEVICE, bytes, 0)); }
    void launch() {
        check(xrtRunStart(run));
        if (xrtRunWaitFor(run, static_cast<unsigned>(patience.count())) != ERT_CMD_STATE_COMPLETED) {
            throw std::runtime_error("the run did not complete");
        }
    }

    static void check(int result) {
        if (result != 0) {
            throw std::runtime_error("XRT refused");
        }
    }
    static void* opened(void* handle) {
        if (handle == nullptr) {
            throw std::runtime_error("XRT refused to open");
        }
        return handle;
    }
    xrtMemoryGroup bank(int argument) const {
        return static_cast<xrtMemoryGroup>(xrtKernelArgGroupId(kernel, argument));
    }

    xrtDeviceHandle device;
    xrtKernelHandle kernel = nullptr;
    xrtBufferHandle input = nullptr;
    xrtBufferHandle output = nullptr;
    xrtRunHandle run = nullptr;
};

}  // namespace

struct overhead_session {
    virtual ~overhead_session() = default;
    virtual std::int64_t measure(overhead_operation operation, std::int32_t repetitions) = 0;
};

namespace {

template <class Card>
struct Session final : overhead_session {
    Session(const char* xclbin, std::size_t byte_count)
        : bytes(byte_count),
          source(allocate_pages(byte_count)),
          input_pages(allocate_pages(byte_count)),
          output_pages(allocate_pages(byte_count)),
          card(xclbin, byte_count, input_pages.get(), output_pages.get()) {
        std::memset(source.get(), 0x5a, byte_count);
    }

    std::int64_t measure(overhead_operation operation, std::int32_t repetitions) override {
        const auto start = std::chrono::steady_clock::now();
        repeat(operation, repetitions);
        const auto time = std::chrono::steady_clock::now() - start;
        if (operation == overhead_launch && std::memcmp(output_pages.get(), source.get(), bytes) != 0) {
            throw std::runtime_error("the copy differs");
        }
        return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
    }

    void repeat(overhead_operation operation, std::int32_t repetitions) {
        switch (operation) {
            case overhead_to_card:
                for (std::int32_t i = 0; i < repetitions; ++i) {
                    card.to_card(bytes);
                }
                break;
            case overhead_from_card:
                for (std::int32_t i = 0; i < repetitions; ++i) {
                    card.from_card(bytes);
                }
                break;
            case overhead_round_trip:
                for (std::int32_t i = 0; i < repetitions; ++i) {
                    std::memcpy(input_pages.get(), source.get(), bytes);
                    card.to_card(bytes);
                    card.back_from_card(bytes);
                }
                break;
            case overhead_launch:
                for (std::int32_t i = 0; i < repetitions; ++i) {
                    std::memcpy(input_pages.get(), source.get(), bytes);
                    card.to_card(bytes);
                    card.launch();
                    card.from_card(bytes);
                }
                break;
        }
    }

    std::size_t bytes;
    Pages source;
    Pages input_pages;
    Pages output_pages;
    Card card;
};

}  // namespace

overhead_session* overhead_open(const char* xclbin, std::size_t bytes, overhead_interface interface, char* reason,
                                std::size_t reason_bytes) {
    try {
        if (interface == overhead_c) {
            return new Session<CCard>(xclbin, bytes);
        }
        return new Session<CppCard>(xclbin, bytes);
    } catch (const std::exception& error) {
        std::strncpy(reason, error.what(), reason_bytes - 1);
        reason[reason_bytes - 1] = '\0';
        return nullptr;
    }
}

std::int64_t overhead_measure(overhead_session* session, overhead_operation operation, std::int32_t repetitions) {
    try {
        return session->measure(operation, repetitions);
    } catch (const std::exception&) {
        return -1;
    }
}

void overhead_close(overhead_session* session) { delete session; }
