#pragma once

namespace jpegact::card {

/// The platform (VBNV) that the card reports and that its xclbin files name.
inline constexpr const char* platform_name = "jpegact_emulated_u250_1";

}  // namespace jpegact::card
