// Self-test of the emulated GPU: it must find what would hang or spoil a real one, or the kernels' tests prove nothing.
#define JPEGACT_EMULATED_GPU
#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "arguments.cuh"
#include "faults.hpp"
#include "group_runner.hpp"
#include "stream.hpp"

namespace {

using jpegact::gpu::DeviceMemory;
using jpegact::gpu::GroupRunner;
using jpegact::gpu::Kernel;

int passed = 0, failed = 0;

void check(bool good, const char* what) {
    (good ? passed : failed)++;
    if (!good) {
        std::printf("FAIL: %s\n", what);
    }
}

std::string problem_of(void (*body)(const void*), const CodecArguments& arguments, u32 groups = 1) {
    std::string problem;
    const Kernel kernel{"test", sizeof arguments, body};
    return GroupRunner::instance().run(kernel, &arguments, groups, problem) ? "" : problem;
}

void sum_over_group(const void* raw) {
    const auto& arguments = *static_cast<const CodecArguments*>(raw);
    static thread_local u32 warps[8];
    u32 sum = thread_index();
    for (u32 lanes = 16; lanes != 0; lanes >>= 1) {
        sum += shuffle_xor(sum, lanes);
    }
    if (thread_index() % 32 == 0) {
        warps[thread_index() / 32] = sum;
    }
    synchronise_group();
    if (thread_index() == 0) {
        u32 all = 0;
        for (u32 warp : warps) {
            all += warp;
        }
        atomic_add(arguments.tensor, all);
    }
}

void reads_outside(const void* raw) {
    (void)load<u32>(static_cast<const CodecArguments*>(raw)->tensor + 4 * thread_index());
}

void reads_misaligned(const void* raw) { (void)load<u32>(static_cast<const CodecArguments*>(raw)->tensor + 2); }

void parts_at_a_collective(const void*) {
    if (thread_index() % 32 < 16) {
        ballot(true);
    } else {
        synchronise_group();
    }
}

void parts_at_a_barrier(const void*) {
    if (thread_index() < 128) {
        synchronise_group();
    }
}

void test_groups() {
    DeviceMemory& memory = DeviceMemory::instance();
    CodecArguments arguments = {};
    arguments.tensor = memory.allocate(4);
    *reinterpret_cast<u32*>(memory.range(arguments.tensor, 4)) = 0;
    check(problem_of(sum_over_group, arguments, 100).empty(), "a sound kernel runs");
    check(*reinterpret_cast<u32*>(memory.range(arguments.tensor, 4)) == 100 * 255 * 128,
          "collectives, barriers and atomics of 100 groups");
    check(problem_of(reads_outside, arguments).find("no allocation") != std::string::npos,
          "a read outside its allocation is found");
    check(problem_of(reads_misaligned, arguments).find("misaligned") != std::string::npos,
          "a misaligned read is found");
    check(problem_of(parts_at_a_collective, arguments).find("part at a collective") != std::string::npos,
          "lanes that part are found");
    check(problem_of(parts_at_a_barrier, arguments).find("4 of 8 warps") != std::string::npos,
          "a barrier that half the group reaches is found");
    check(problem_of(sum_over_group, arguments).empty(), "a failed launch leaves the next one sound");
    check(memory.release(arguments.tensor), "memory is released");
    check(!problem_of(sum_over_group, arguments).empty(), "memory that was released cannot be used");
}

void test_memory() {
    DeviceMemory& memory = DeviceMemory::instance();
    const std::size_t before = memory.used();
    const u64 first = memory.allocate(1000), second = memory.allocate(1000);
    check(first != 0 && second != 0 && first % 256 == 0 && second % 256 == 0, "allocations are aligned");
    check(memory.range(first, 1000) != nullptr && memory.range(first, 1001) == nullptr,
          "a range ends with its allocation");
    check(memory.range(first + 999, 1) != nullptr && memory.range(first - 1, 1) == nullptr,
          "a range lies in its allocation");
    check(memory.at(first + 996, 4) != nullptr && memory.at(first + 1008, 4) == nullptr,
          "accesses end with the allocation's last 16 bytes");
    check(!memory.release(first + 256), "only an allocation's start is released");
    check(memory.allocate(memory.size()) == 0, "more than there is gives nothing");
    check(memory.release(first) && memory.release(second) && memory.used() == before, "all is given back");
    check(!memory.release(first), "nothing is released twice");
}

void test_float16() {
    bool same = true, nearest = true;
    for (u32 bits = 0; bits < 0x10000; bits++) {
        const float value = widen_float16(static_cast<u16>(bits));
        same &= value != value ? (narrow_float16(value) & 0x7c00) == 0x7c00 : narrow_float16(value) == bits;
        if ((bits & 0x7fff) < 0x7bff) {
            // Halfway to the next number the even one is taken, and beyond it the next.
            const float next = widen_float16(static_cast<u16>(bits + 1)), half = (value + next) / 2;
            nearest &= narrow_float16(half) == bits + (bits & 1) &&
                       narrow_float16(std::nextafter(half, next)) == bits + 1 &&
                       narrow_float16(std::nextafter(half, value)) == bits;
        }
    }
    check(same, "float16 to float32 and back");
    check(nearest, "float32 to the nearest float16");
    check(narrow_float16(65520.0f) == 0x7c00 && narrow_float16(-1e30f) == 0xfc00, "float16 overflows to infinity");
    check(widen_float16(1) == 0x1p-24f && widen_float16(0x3c00) == 1.0f, "float16's smallest number and one");
}

void test_faults() {
    std::string problem;
    jpegact::gpu::FaultPlan plan;
    plan.set(*jpegact::gpu::parse_faults("alloc@1*2,launch=719", problem));
    using jpegact::gpu::FaultPoint;
    check(!plan.strike(FaultPoint::alloc) && plan.strike(FaultPoint::alloc) == 2 &&
              plan.strike(FaultPoint::alloc) == 2 && !plan.strike(FaultPoint::alloc),
          "a rule skips one and fires twice");
    check(plan.strike(FaultPoint::launch) == 719 && !plan.strike(FaultPoint::launch) && !plan.strike(FaultPoint::copy),
          "a rule has a value and a point");
    check(plan.hits(FaultPoint::alloc) == 2, "hits are counted");
    for (const char* wrong : {"nothing", "alloc@", "alloc=x", "alloc*-1", "alloc=99999999999"}) {
        check(!jpegact::gpu::parse_faults(wrong, problem), wrong);
    }
}

void test_streams() {
    jpegact::gpu::Stream first, second;
    jpegact::gpu::EventState event;
    std::vector<int> order;
    const std::uint64_t number = event.announce();
    second.put([&] { event.wait(number), order.push_back(2); });
    first.put([&] { order.push_back(1), event.complete(number); });
    second.synchronise();
    check(order == std::vector<int>{1, 2}, "an event orders two streams");
    check(event.is_complete() && first.is_idle() && second.is_idle(), "streams and events come to rest");
}

}  // namespace

int main() {
    test_groups();
    test_memory();
    test_float16();
    test_faults();
    test_streams();
    std::printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
