// Tests of the card's parts that need no XRT: fault grammar, memory banks, calls, guard pages.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <random>
#include <thread>
#include <vector>

#include "../src/completion_queue.hpp"
#include "../src/fault_plan.hpp"
#include "../src/memory_bank.hpp"
#include "../src/memory_fault.hpp"
#include "../src/trampoline.hpp"
#include "check.hpp"

using namespace jpegact::card;

namespace {

FaultPlan& plan_of(FaultPlan& plan, const std::string& specification) {
    std::string problem;
    auto rules = parse_faults(specification, problem);
    if (!rules) {
        check::fail(__FILE__, __LINE__, specification + ": " + problem);
    }
    plan.set(std::move(*rules));
    return plan;
}

/// One character an occurrence: x when the fault fires.
std::string strikes(const std::string& specification, FaultPoint point, int occurrences) {
    FaultPlan plan;
    plan_of(plan, specification);
    std::string pattern;
    for (int i = 0; i < occurrences; ++i) {
        pattern += plan.strike(point) ? 'x' : '.';
    }
    return pattern;
}

std::shared_ptr<MemoryBank> small_bank(std::uint64_t pages) {
    return MemoryBank::create("TEST[0]", 0, 0x4000000000, pages * page_size);
}

}  // namespace

TEST(faults_fire_where_skip_and_count_say) {
    CHECK(strikes("submit", FaultPoint::submit, 4) == "x...");
    CHECK(strikes("submit@2", FaultPoint::submit, 5) == "..x..");
    CHECK(strikes("submit@1*2", FaultPoint::submit, 5) == ".xx..");
    CHECK(strikes("submit*forever", FaultPoint::submit, 3) == "xxx");
    CHECK(strikes("submit@3*forever", FaultPoint::submit, 5) == "...xx");
    CHECK(strikes("submit@1,submit@3", FaultPoint::submit, 5) == ".x.x.");
    CHECK(strikes("submit*0", FaultPoint::submit, 2) == "..");
    CHECK(strikes("alloc*forever", FaultPoint::submit, 2) == "..");
    CHECK(strikes("", FaultPoint::submit, 2) == "..");
}

TEST(faults_carry_values_and_defaults) {
    FaultPlan plan;
    plan_of(plan, "sync_in=ETIMEDOUT,alloc,slow=25,corrupt=7,load=42");
    CHECK(plan.strike(FaultPoint::sync_in) == ETIMEDOUT);
    CHECK(plan.strike(FaultPoint::alloc) == ENOMEM);
    CHECK(plan.strike(FaultPoint::slow) == 25);
    CHECK(plan.strike(FaultPoint::corrupt) == 7);
    CHECK(plan.strike(FaultPoint::load) == 42);
    CHECK(plan.hits(FaultPoint::alloc) == 1);
    CHECK(plan.hits(FaultPoint::hang) == 0);
    plan_of(plan, "");
    CHECK(plan.hits(FaultPoint::alloc) == 0);
}

TEST(holds_end_by_release_by_new_faults_or_by_giving_up) {
    const auto never = [] { return false; };
    FaultPlan plan;
    CHECK(plan.hold(FaultPoint::hold, never) == HoldEnd::not_held);
    plan_of(plan, "hold@1*forever,hold_in=1");
    CHECK(plan.hold(FaultPoint::hold, never) == HoldEnd::not_held);
    CHECK(plan.hold(FaultPoint::hold, [] { return true; }) == HoldEnd::given_up);
    CHECK(plan.hold(FaultPoint::hold_in, never) == HoldEnd::out_of_time);
    plan.release(FaultPoint::hold, 2);
    CHECK(plan.hold(FaultPoint::hold, never) == HoldEnd::released);
    CHECK(plan.hits(FaultPoint::hold) == 2);

    HoldEnd end = HoldEnd::not_held;
    std::thread held([&] { end = plan.hold(FaultPoint::hold, never); });
    while (plan.hits(FaultPoint::hold) < 3) {
        std::this_thread::yield();
    }
    plan.look_again();
    plan.release(FaultPoint::hold_in, 3);  // of another point
    plan_of(plan, "hold*forever");
    held.join();
    CHECK(end == HoldEnd::released);

    std::atomic<bool> gone{false};
    std::thread abandoned([&] { end = plan.hold(FaultPoint::hold, [&] { return gone.load(); }); });
    while (plan.hits(FaultPoint::hold) < 1) {
        std::this_thread::yield();
    }
    gone = true;
    plan.look_again();
    abandoned.join();
    CHECK(end == HoldEnd::given_up);
    plan.release(FaultPoint::hold, 0);
    CHECK(plan.hold(FaultPoint::hold, never) == HoldEnd::released);
}

TEST(random_faults_follow_their_seed) {
    const std::string first = strikes("error~0.25/7", FaultPoint::error, 4000);
    CHECK(first == strikes("error~0.25/7", FaultPoint::error, 4000));
    CHECK(first != strikes("error~0.25/8", FaultPoint::error, 4000));
    const auto fired = std::count(first.begin(), first.end(), 'x');
    CHECK(fired > 850 && fired < 1150);  // 1000 expected, deviation 27
    CHECK(strikes("error~1", FaultPoint::error, 3) == "xxx");
    CHECK(strikes("error~0", FaultPoint::error, 3) == "...");
    CHECK(strikes("error~1*2", FaultPoint::error, 3) == "xx.");
}

TEST(times_may_be_ranges_and_follow_their_seed) {
    const auto times = [](const char* specification) {
        FaultPlan plan;
        plan_of(plan, specification);
        std::vector<int> drawn;
        for (int i = 0; i < 400; ++i) {
            drawn.push_back(plan.strike(FaultPoint::slow).value_or(-1));
        }
        return drawn;
    };
    const std::vector<int> first = times("slow=3..6~1/7");
    CHECK(first == times("slow=3..6~1/7"));
    CHECK(first != times("slow=3..6~1/8"));
    CHECK(*std::min_element(first.begin(), first.end()) == 3);
    CHECK(*std::max_element(first.begin(), first.end()) == 6);
    CHECK(times("slow=4..4*forever") == std::vector<int>(400, 4));
    FaultPlan plan;
    plan_of(plan, "hang,lost=20,remove=30");
    CHECK(plan.strike(FaultPoint::hang) == 0);
    CHECK(plan.strike(FaultPoint::lost) == 20);
    CHECK(plan.strike(FaultPoint::remove) == 30);
}

TEST(malformed_faults_are_refused) {
    for (const char* specification : {"nothing",
                                      ",",
                                      "submit,",
                                      ",submit",
                                      "submit=",
                                      "submit=EWHAT",
                                      "submit=0",
                                      "submit=-5",
                                      "submit=5000",
                                      "submit@",
                                      "submit@-1",
                                      "submit@x",
                                      "submit*",
                                      "submit*x",
                                      "submit~",
                                      "submit~1.5",
                                      "submit~-0.1",
                                      "submit~nan",
                                      "submit~0.5/",
                                      "submit~0.5/x",
                                      "submit@1@2",
                                      "hang=x",
                                      "hang=1..",
                                      "hang=..1",
                                      "slow=5..4",
                                      "slow=1..2..3",
                                      "submit=EIO..EBUSY",
                                      "corrupt=8",
                                      "swap=1",
                                      "slow=-1",
                                      "submit 1",
                                      "SUBMIT",
                                      "submit*99999999999999999999999"}) {
        std::string problem;
        if (parse_faults(specification, problem) || problem.empty()) {
            check::fail(__FILE__, __LINE__, std::string("accepted, or refused without a reason: ") + specification);
        }
    }
}

TEST(buffers_end_at_guard_pages) {
    const auto bank = small_bank(64);
    const auto memory = bank->allocate(2 * page_size);
    char* data = memory->data();
    std::memset(data, 1, 2 * page_size);
    CHECK(!run_guarded([data] { data[2 * page_size - 1] = 2; }));
    const auto past = run_guarded([data] { data[2 * page_size] = 2; });
    CHECK(past == reinterpret_cast<std::uintptr_t>(data) + 2 * page_size);
    CHECK(run_guarded([data] { data[-1] = 2; }).has_value());
    CHECK(run_guarded([data] { data[2 * page_size] = 2; }).has_value());  // and again: signals stay enabled
}

TEST(buffers_of_any_size_start_at_pages_and_stay_apart) {
    const auto bank = small_bank(4096);
    std::mt19937 random(1);
    std::vector<std::shared_ptr<DeviceMemory>> memories;
    for (int step = 0; step < 20000; ++step) {
        if (memories.size() < 40 && random() % 2 == 0) {
            auto memory = bank->allocate(random() % (12 * page_size));
            CHECK(memory != nullptr);
            CHECK(memory->device_address() % page_size == 0);
            for (const auto& other : memories) {
                const bool before = memory->device_address() + memory->size() < other->device_address();
                const bool after = other->device_address() + other->size() < memory->device_address();
                CHECK(before || after);
            }
            if (memory->size() > 0) {
                memory->data()[memory->size() - 1] = 1;
            }
            memories.push_back(std::move(memory));
        } else if (!memories.empty()) {
            memories.erase(memories.begin() + random() % memories.size());
        }
    }
    memories.clear();
    CHECK(!bank->in_use());
    CHECK(bank->allocate(4095 * page_size) != nullptr);  // everything came back in one piece
}

TEST(a_full_bank_says_so) {
    const auto bank = small_bank(8);
    CHECK(bank->allocate(8 * page_size) == nullptr);  // no room for the guard page
    CHECK(bank->allocate(~std::uint64_t{0}) == nullptr);
    const auto first = bank->allocate(3 * page_size);
    const auto second = bank->allocate(3 * page_size);
    CHECK(first != nullptr && second != nullptr);
    CHECK(bank->allocate(1) == nullptr);
}

TEST(freed_memory_is_reused_with_its_contents) {
    const auto bank = small_bank(64);
    auto memory = bank->allocate(5000);
    const std::uint64_t address = memory->device_address();
    memory->data()[4999] = 42;
    memory.reset();
    CHECK(bank->find(address) == nullptr);
    memory = bank->allocate(8192);
    CHECK(memory->device_address() == address);
    CHECK(memory->data()[4999] == 42);
}

TEST(addresses_are_found_in_their_buffer_only) {
    const auto bank = small_bank(64);
    const auto memory = bank->allocate(2 * page_size);
    const std::uint64_t address = memory->device_address();
    CHECK(bank->find(address) == memory);
    CHECK(bank->find(address + 2 * page_size - 1) == memory);
    CHECK(bank->find(address + 2 * page_size) == nullptr);
    CHECK(bank->find(address - 1) == nullptr);
    CHECK(bank->find(0) == nullptr);
    CHECK(bank->find(~std::uint64_t{0}) == nullptr);
}

namespace {

std::vector<double> g_called_with;

void takes_everything(std::uint32_t a, std::uint64_t b, double c, void* d, std::uint32_t e, std::uint32_t f,
                      std::uint64_t g, float h, std::uint64_t i, std::uint32_t j, double k, std::uint64_t l) {
    g_called_with = {double(a), double(b), c,         double(reinterpret_cast<std::uintptr_t>(d)),
                     double(e), double(f), double(g), double(h),
                     double(i), double(j), k,         double(l)};
}

}  // namespace

TEST(calls_pass_every_argument) {
    CallFrame frame;
    const auto bits = [](auto value) {
        std::uint64_t word = 0;
        std::memcpy(&word, &value, sizeof value);
        return word;
    };
    using Kind = KernelArgument::Kind;
    for (int position = 1; position <= 12; ++position) {
        if (position == 3 || position == 11) {
            CHECK(frame.push(Kind::real, bits(position + 0.5)));
        } else if (position == 8) {
            CHECK(frame.push(Kind::real, bits(position + 0.5f)));
        } else {
            CHECK(frame.push(position == 4 ? Kind::pointer : Kind::integer, position));
        }
    }
    frame.call(reinterpret_cast<void*>(takes_everything));
    CHECK((g_called_with == std::vector<double>{1, 2, 3.5, 4, 5, 6, 7, 8.5, 9, 10, 11.5, 12}));
    CallFrame full;
    for (std::size_t i = 0; i < 6 + CallFrame::max_stack_words; ++i) {
        CHECK(full.push(Kind::integer, i));
    }
    CHECK(!full.push(Kind::integer, 0));
}

TEST(completions_are_counted) {
    CompletionQueue queue;
    CHECK(queue.wait(0) == 0);
    queue.post();
    queue.post();
    CHECK(queue.wait(0) == 1);
    CHECK(queue.wait(0) == 1);
    CHECK(queue.wait(1) == 0);
}
