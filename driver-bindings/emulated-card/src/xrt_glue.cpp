// What XRT's own C++ device objects want from a driver. They are taken out of Debian's libxrt_swemu.a at build time and
// would ask AMD's software emulator; two of their functions are replaced here (the Makefile makes theirs weak).
//
// The types mirror xrt_core/query.h of XRT 2.13, which is not installed. The virtual functions of `request` and the
// numbers of `Key` are fixed by the binary: they hold for this version only, and the Makefile checks it.
#include <boost/any.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "platform.hpp"
#include "registry.hpp"

namespace xrt_core::query {

enum class key_type;

class [[gnu::visibility("default")]] exception : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class [[gnu::visibility("default")]] no_such_key : public exception {
  public:
    explicit no_such_key(key_type key)
        : exception("No such query request (" + std::to_string(static_cast<int>(key)) + ")"), key_(key) {}

  private:
    key_type key_;
};

struct request {
    enum class modifier { subdev, entry };
    virtual ~request() = default;
    virtual boost::any get(const device*) const { throw exception("query needs other arguments"); }
    virtual boost::any get(const device*, const boost::any&) const { throw exception("query needs other arguments"); }
    virtual boost::any get(const device*, const boost::any&, const boost::any&) const {
        throw exception("query needs other arguments");
    }
    virtual boost::any get(const device*, modifier, const std::string&) const {
        throw exception("query needs other arguments");
    }
    virtual boost::any get(const device*, const boost::any&, const boost::any&, const boost::any&) const {
        throw exception("query needs other arguments");
    }
    virtual void put(const device*, const boost::any&) const { throw exception("query is read-only"); }
};

}  // namespace xrt_core::query

namespace jpegact::card {
namespace {

enum Key { pcie_bdf = 8, rom_vbnv = 12, xocl_errors = 33, m2m = 60, nodma = 62 };

/// A property of a device: a function from XRT's device object to the value in the type that XRT expects.
struct Property : xrt_core::query::request {
    using Function = boost::any (*)(unsigned slot);
    explicit Property(Function function) : function(function) {}
    boost::any get(const xrt_core::device* device) const override {
        return function(Registry::instance().slot_of(device));
    }
    using request::get;
    Function function;
};

/// struct xcl_errors of the driver.
struct DriverErrors {
    struct Entry {
        std::uint64_t code;
        std::uint64_t nanoseconds;
        unsigned process;
    };
    int count = 0;
    Entry entries[32] = {};
};

boost::any driver_errors(unsigned slot) {
    Registry& registry = Registry::instance();
    const std::shared_ptr<Card> card = slot < registry.slot_count() ? registry.card(slot) : nullptr;
    DriverErrors errors;
    if (card != nullptr) {
        for (const AsyncError& error : card->async_errors()) {
            errors.entries[errors.count++] = {error.code, error.nanoseconds, 0};
        }
    }
    if (errors.count == 0) {
        return std::vector<char>{};
    }
    const char* bytes = reinterpret_cast<const char*>(&errors);
    return std::vector<char>(bytes, bytes + sizeof errors);
}

/// Domain, bus, device, function: one bus number a slot.
boost::any bus_address(unsigned slot) {
    return std::tuple<std::uint16_t, std::uint16_t, std::uint16_t, std::uint16_t>(0, 0x3b + slot, 0, 1);
}

const std::map<int, Property>& properties() {
    static const std::map<int, Property>& table = *new std::map<int, Property>{
        {pcie_bdf, Property(bus_address)},
        {rom_vbnv, Property([](unsigned) { return boost::any(std::string(platform_name)); })},
        {xocl_errors, Property(driver_errors)},
        // The card can copy between its banks by itself, and has a DMA engine.
        {m2m, Property([](unsigned) { return boost::any(std::uint32_t{1}); })},
        {nodma, Property([](unsigned) { return boost::any(std::uint32_t{0}); })},
    };
    return table;
}

}  // namespace

/// xrt_core::swemu::system::get_total_devices(bool) const: all devices, and those that are ready.
std::pair<unsigned, unsigned> get_total_devices(const void*,
                                                bool) asm("_ZNK8xrt_core5swemu6system17get_total_devicesEb");
std::pair<unsigned, unsigned> get_total_devices(const void*, bool) {
    const unsigned count = Registry::instance().slot_count();
    return {count, count};
}

/// xrt_core::swemu::device::lookup_query(query::key_type) const.
const xrt_core::query::request& lookup_query(const void*, xrt_core::query::key_type) asm(
    "_ZNK8xrt_core5swemu6device12lookup_queryENS_5query8key_typeE");
const xrt_core::query::request& lookup_query(const void*, xrt_core::query::key_type key) {
    const auto found = properties().find(static_cast<int>(key));
    if (found == properties().end()) {
        throw xrt_core::query::no_such_key(key);
    }
    return found->second;
}

}  // namespace jpegact::card

/// AMD's emulator, to which the borrowed objects would send queries. They no longer do; only the names are needed.
namespace xclcpuemhal2 {

class CpuemShim {
  public:
    static CpuemShim* handleCheck(void* handle);
    std::uint32_t deviceQuery(xrt_core::query::key_type key);
};

CpuemShim* CpuemShim::handleCheck(void* handle) { return static_cast<CpuemShim*>(handle); }
std::uint32_t CpuemShim::deviceQuery(xrt_core::query::key_type) { return 0; }

}  // namespace xclcpuemhal2
