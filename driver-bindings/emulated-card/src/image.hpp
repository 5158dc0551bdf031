#pragma once

#include <xrt/xrt.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

struct axlf;

namespace jpegact::card {

/// Why an image cannot be loaded: an errno value for XRT and a sentence for the log.
class ImageError : public std::runtime_error {
  public:
    ImageError(int error_number, const std::string& message)
        : std::runtime_error(message), error_number_(error_number) {}
    int error_number() const { return error_number_; }

  private:
    int error_number_;
};

struct KernelArgument {
    enum class Kind { integer, real, pointer };
    std::string name;
    Kind kind;
    bool is_output;        // a pointer that is not declared const
    std::uint32_t offset;  // bytes, in the register map
    std::uint32_t size;    // bytes
};

struct BankDescription {
    std::string tag;
    std::uint64_t base;
    std::uint64_t size;  // bytes
    bool used;
};

struct ComputeUnitDescription {
    std::string kernel;
    std::string name;  // "kernel:instance"
    std::uint64_t base;
    std::vector<KernelArgument> arguments;
    // For each argument the indices of the banks that it is wired to; empty: not stated, or a scalar.
    std::vector<std::vector<unsigned>> argument_banks;
};

/// What an xclbin says about the card, and the kernels' machine code.
struct ImageDescription {
    xuid_t uuid;
    std::vector<BankDescription> banks;
    std::vector<ComputeUnitDescription> units;  // in the order of XRT's compute unit indices
    const char* payload;                        // points into the axlf
    std::size_t payload_size;
};

/// Reads an image that XRT has mapped. Throws ImageError.
ImageDescription describe_image(const axlf* image);

}  // namespace jpegact::card
