#include "test_image.hpp"

#include <xrt/xclbin.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace {

using Bytes = std::vector<char>;

template <class Table, class Entry>
Bytes make_table(const std::vector<Entry>& entries) {
    constexpr std::size_t start = sizeof(Table) - sizeof(Entry);
    Bytes bytes(start + entries.size() * sizeof(Entry));
    const auto count = static_cast<std::int32_t>(entries.size());
    std::memcpy(bytes.data(), &count, sizeof count);
    std::memcpy(bytes.data() + start, entries.data(), entries.size() * sizeof(Entry));
    return bytes;
}

mem_data bank(const char* tag, MEM_TYPE type, std::uint64_t base) {
    mem_data data{};
    data.m_type = static_cast<std::uint8_t>(type);
    data.m_used = 1;
    data.m_size = bank_size / 1024;
    data.m_base_address = base;
    std::strncpy(reinterpret_cast<char*>(data.m_tag), tag, sizeof data.m_tag - 1);
    return data;
}

ip_data unit(const std::string& name, std::uint64_t base) {
    ip_data data{};
    data.m_type = IP_KERNEL;
    data.properties = IP_INT_ENABLE_MASK;
    data.m_base_address = base;
    std::strncpy(reinterpret_cast<char*>(data.m_name), name.c_str(), sizeof data.m_name - 1);
    return data;
}

std::string argument(const char* name, int id, const char* type, const char* offset, const char* size) {
    const bool global = std::strchr(type, '*') != nullptr;
    return std::string("<arg name=\"") + name + "\" addressQualifier=\"" + (global ? "1" : "0") + "\" id=\"" +
           std::to_string(id) + "\" port=\"" + (global ? "M_AXI" : "S_AXI_CONTROL") + "\" size=\"" + size +
           "\" offset=\"" + offset + "\" hostOffset=\"0x0\" hostSize=\"" + size + "\" type=\"" + type + "\"/>";
}

std::string kernel(const std::string& name, const std::string& arguments, const std::string& instances) {
    return "<kernel name=\"" + name +
           "\" language=\"c\"><port name=\"M_AXI\" mode=\"master\" range=\"0xFFFFFFFFFFFFFFFF\" dataWidth=\"512\" "
           "portType=\"addressable\" base=\"0x0\"/><port name=\"S_AXI_CONTROL\" mode=\"slave\" range=\"0x10000\" "
           "dataWidth=\"32\" portType=\"addressable\" base=\"0x0\"/>" +
           arguments + instances + "</kernel>";
}

std::string instance(const char* name, const char* base) {
    return std::string("<instance name=\"") + name + "\"><addrRemap base=\"" + base +
           "\" port=\"S_AXI_CONTROL\"/></instance>";
}

Bytes metadata(const std::string& copy_name) {
    const std::string text =
        "<?xml version=\"1.0\"?><project name=\"test\"><platform vendor=\"test\" boardid=\"test\" "
        "name=\"test\"><device "
        "name=\"fpga0\" fpgaDevice=\"test\"><core name=\"OCL_REGION_0\" target=\"csim\" type=\"clc_region\">" +
        kernel(copy_name,
               argument("in", 0, "const char*", "0x10", "0x8") + argument("out", 1, "char*", "0x1c", "0x8") +
                   argument("launches", 2, "uint*", "0x28", "0x8") + argument("bytes", 3, "uint", "0x34", "0x4") +
                   argument("delay", 4, "uint", "0x3c", "0x4"),
               instance("copy_1", "0x800000") + instance("copy_2", "0x810000")) +
        kernel("fill",
               argument("out", 0, "uint*", "0x10", "0x8") + argument("words", 1, "ulong", "0x1c", "0x8") +
                   argument("value", 2, "uint", "0x28", "0x4"),
               instance("fill_1", "0x820000")) +
        "</core></device></platform></project>";
    return Bytes(text.begin(), text.end());
}

}  // namespace

std::vector<char> make_test_image(char id, const std::vector<char>& payload, const std::string& copy_name) {
    const std::vector<connection> wires = {{0, 0, 0}, {1, 0, 0}, {2, 0, 0}, {0, 1, 1}, {1, 1, 1}, {2, 1, 1}, {0, 2, 0}};
    const std::vector<std::pair<axlf_section_kind, Bytes>> sections = {
        {BITSTREAM, payload},
        {EMBEDDED_METADATA, metadata(copy_name)},
        {MEM_TOPOLOGY, make_table<mem_topology, mem_data>({bank("DDR[0]", MEM_DDR4, 0x4000000000),
                                                           bank("DDR[1]", MEM_DDR4, 0x5000000000),
                                                           bank("HOST[0]", MEM_DRAM, 0x2000000000)})},
        {IP_LAYOUT,
         make_table<ip_layout, ip_data>({unit(copy_name + ":copy_1", 0x800000), unit(copy_name + ":copy_2", 0x810000),
                                         unit("fill:fill_1", 0x820000)})},
        {CONNECTIVITY, make_table<connectivity, connection>(wires)},
    };
    const std::size_t headers = offsetof(axlf, m_sections) + sections.size() * sizeof(axlf_section_header);
    Bytes file(headers);
    std::vector<axlf_section_header> table;
    for (const auto& [kind, data] : sections) {
        file.resize((file.size() + 7) / 8 * 8);
        axlf_section_header header{};
        header.m_sectionKind = kind;
        header.m_sectionOffset = file.size();
        header.m_sectionSize = data.size();
        table.push_back(header);
        file.insert(file.end(), data.begin(), data.end());
    }
    axlf top{};
    std::memcpy(top.m_magic, "xclbin2", sizeof top.m_magic);
    top.m_signature_length = -1;
    top.m_header.m_length = file.size();
    top.m_header.m_mode = XCLBIN_SW_EMU;
    top.m_header.uuid[0] = static_cast<unsigned char>(id);
    std::strncpy(reinterpret_cast<char*>(top.m_header.m_platformVBNV), "jpegact_emulated_u250_1", 63);
    top.m_header.m_numSections = static_cast<std::uint32_t>(sections.size());
    std::memcpy(file.data(), &top, offsetof(axlf, m_sections));
    std::memcpy(file.data() + offsetof(axlf, m_sections), table.data(), table.size() * sizeof table[0]);
    return file;
}

std::vector<char> test_payload() {
    const char* path = std::getenv("TEST_KERNELS");
    std::ifstream file(path != nullptr ? path : "", std::ios::binary);
    if (!file) {
        throw std::runtime_error("TEST_KERNELS does not name a readable file");
    }
    return {std::istreambuf_iterator<char>(file), {}};
}
