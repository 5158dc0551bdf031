// Launches of the kernels on guarded buffers, compared with the golden model byte by byte: every buffer as a whole, so
// that what must not be written is compared too.
#ifndef JPEGACT_TESTBENCH_LAUNCH_HPP
#define JPEGACT_TESTBENCH_LAUNCH_HPP

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cases.hpp"
#include "golden.hpp"
#include "guarded_buffer.hpp"

namespace testbench {

// The 16 u64 of a descriptor.
using raw_descriptor = std::array<uint64_t, 16>;

// The 8 u64 of a result word.
using raw_result = std::array<uint64_t, 8>;

// A descriptor of a launch, and the result it must have.
struct expectation {
    raw_descriptor descriptor;
    raw_result result;
};

// The bytes of one buffer while it is laid out: what it holds before the launch, and what it must hold after.
class image {
  public:
    // Adds items at the next word, after `gap` words that nothing may touch, and returns their first word. The rest of the
    // last word is set to `fill`.
    template <class T>
    uint64_t add_input(const std::vector<T>& items, uint32_t gap, uint8_t fill = 0) {
        return add(bytes_of(items), gap, fill);
    }
    // Adds room for `words` that the launch may write.
    uint64_t add_output(uint64_t words, uint32_t gap);
    // What the launch must have written from word `first` on.
    template <class T>
    void expect(uint64_t first, const std::vector<T>& items) {
        expect_bytes(first, bytes_of(items));
    }
    uint64_t words() const { return before_.size() / 64; }

    // The buffer for the launch; check() compares it afterwards.
    guarded_buffer make() const;
    void check(const guarded_buffer& buffer, const std::string& name) const;

  private:
    template <class T>
    static std::vector<uint8_t> bytes_of(const std::vector<T>& items) {
        const auto* from = reinterpret_cast<const uint8_t*>(items.data());
        return std::vector<uint8_t>(from, from + items.size() * sizeof(T));
    }
    uint64_t add(const std::vector<uint8_t>& bytes, uint32_t gap, uint8_t fill);
    void expect_bytes(uint64_t first, const std::vector<uint8_t>& bytes);

    std::vector<uint8_t> before_, after_;
};

// How a task is placed in an encode launch.
struct encode_options {
    bool append = false;
    uint64_t capacity_words = ~uint64_t(0);  // of values; by default what any data needs
    uint64_t declared_words = 0;             // with append: what the descriptor says, if more than the buffer has left
    uint32_t gap = 0;                        // unused words before each of its parts
};

// Collects tasks, runs jpegact_encode on all of them at once, and compares.
class encode_launch {
  public:
    // Returns what the golden model gives.
    golden::encoded add(const golden::task& what, const std::vector<uint8_t>& data, const std::vector<float>& scales,
                        const encode_options& options = {});
    // Adds a descriptor that must be refused.
    void add_bad(const raw_descriptor& descriptor);
    // Throws failure, naming `name`, at the first difference.
    void run(const std::string& name);

  private:
    image data_, scales_, masks_, values_, tile_offsets_;
    std::vector<expectation> entries_;
    uint64_t cursor_ = 0;
};

// How a task is placed in a decode launch.
struct decode_options {
    uint8_t fill = 0;  // what the rest of the last value word holds
    uint32_t gap = 0;
};

class decode_launch {
  public:
    golden::decoded add(const golden::task& what, const std::vector<uint64_t>& masks,
                        const std::vector<uint8_t>& values, const std::vector<float>& scales,
                        const decode_options& options = {});
    void add_bad(const raw_descriptor& descriptor);
    void run(const std::string& name);

  private:
    image data_, scales_, masks_, values_;
    std::vector<expectation> entries_;
};

struct maximum_options {
    bool write_scales = false;
    bool continues = false;
    float full_scale = 1.125f;
    uint32_t gap = 0;
};

class maximum_launch {
  public:
    golden::maxima add(const golden::task& what, const std::vector<uint8_t>& data, const maximum_options& options = {});
    void add_bad(const raw_descriptor& descriptor);
    void run(const std::string& name);

  private:
    image data_, scales_;
    std::vector<expectation> entries_;
    golden::maxima held_;
};

// The descriptor of a task, without places and value bytes.
raw_descriptor describe(const golden::task& what, bool with_shifts);

// The result of a refused descriptor.
raw_result refused(const raw_descriptor& descriptor, uint32_t index);

// Runs one task each way.
golden::encoded check_encode(const golden::task& what, const std::vector<uint8_t>& data,
                             const std::vector<float>& scales, const std::string& name);
golden::decoded check_decode(const golden::task& what, const std::vector<uint64_t>& masks,
                             const std::vector<uint8_t>& values, const std::vector<float>& scales,
                             const std::string& name, uint8_t fill = 0);

}  // namespace testbench

#endif
