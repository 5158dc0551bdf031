#include "image.hpp"

#include <xrt/experimental/xrt_xclbin.h>
#include <xrt/xclbin.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace jpegact::card {
namespace {

KernelArgument describe_argument(const xrt::xclbin::arg& argument) {
    const std::string type = argument.get_host_type();
    KernelArgument description{argument.get_name(), KernelArgument::Kind::integer, false,
                               static_cast<std::uint32_t>(argument.get_offset()),
                               static_cast<std::uint32_t>(argument.get_size())};
    if (type.find('*') != std::string::npos) {
        description.kind = KernelArgument::Kind::pointer;
        description.is_output = type.find("const") == std::string::npos;
    } else if (type == "float" || type == "double") {
        description.kind = KernelArgument::Kind::real;
    }
    return description;
}

std::vector<unsigned> wired_banks(const xrt::xclbin::ip& unit, const xrt::xclbin::arg& argument) {
    std::vector<unsigned> banks;
    const xrt::xclbin::arg wired = unit.get_arg(static_cast<std::int32_t>(argument.get_index()));
    for (const xrt::xclbin::mem& memory : wired.get_mems()) {
        banks.push_back(static_cast<unsigned>(memory.get_index()));
    }
    return banks;
}

std::vector<ComputeUnitDescription> describe_units(const xrt::xclbin& binary) {
    std::vector<ComputeUnitDescription> units;
    for (const xrt::xclbin::kernel& kernel : binary.get_kernels()) {
        for (const xrt::xclbin::ip& unit : kernel.get_cus()) {
            ComputeUnitDescription description{kernel.get_name(), unit.get_name(), unit.get_base_address(), {}, {}};
            for (const xrt::xclbin::arg& argument : kernel.get_args()) {
                description.arguments.push_back(describe_argument(argument));
                description.argument_banks.push_back(wired_banks(unit, argument));
            }
            units.push_back(std::move(description));
        }
    }
    // XRT numbers compute units by base address where they have no interrupt numbers.
    std::sort(units.begin(), units.end(), [](const auto& left, const auto& right) { return left.base < right.base; });
    return units;
}

const axlf_section_header& find_section(const axlf* image, axlf_section_kind kind, const char* name) {
    const axlf_section_header* section = xclbin::get_axlf_section(image, kind);
    if (section == nullptr) {
        throw ImageError(EINVAL, std::string("the xclbin has no ") + name + " section");
    }
    const std::uint64_t length = image->m_header.m_length;
    if (section->m_sectionOffset > length || section->m_sectionSize > length - section->m_sectionOffset) {
        throw ImageError(EINVAL, std::string("the xclbin's ") + name + " section lies outside the file");
    }
    return *section;
}

}  // namespace

ImageDescription describe_image(const axlf* image) {
    if (std::memcmp(image->m_magic, "xclbin2", sizeof image->m_magic) != 0) {
        throw ImageError(EINVAL, "this is not an xclbin: its magic is not 'xclbin2'");
    }
    const axlf_section_header& bitstream = find_section(image, BITSTREAM, "BITSTREAM");
    find_section(image, EMBEDDED_METADATA, "EMBEDDED_METADATA");
    find_section(image, MEM_TOPOLOGY, "MEM_TOPOLOGY");
    find_section(image, IP_LAYOUT, "IP_LAYOUT");

    ImageDescription description{};
    std::memcpy(description.uuid, image->m_header.uuid, sizeof description.uuid);
    description.payload = reinterpret_cast<const char*>(image) + bitstream.m_sectionOffset;
    description.payload_size = bitstream.m_sectionSize;
    const xrt::xclbin binary(image);
    for (const xrt::xclbin::mem& memory : binary.get_mems()) {
        description.banks.push_back(
            {memory.get_tag(), memory.get_base_address(), memory.get_size_kb() * 1024, memory.get_used()});
    }
    description.units = describe_units(binary);
    if (description.units.empty()) {
        throw ImageError(EINVAL, "the xclbin has no compute unit");
    }
    return description;
}

}  // namespace jpegact::card
