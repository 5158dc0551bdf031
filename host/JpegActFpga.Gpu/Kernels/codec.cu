// The GPU codec: frames byte for byte as docs/format.md defines them. Every entry point takes CodecArguments and groups of
// 256 threads; GpuKernels.cs says how many groups each gets.
#include "checksum.cuh"
#include "decode.cuh"
#include "encode.cuh"
#include "linear.cuh"
#include "scan.cuh"

JPEGACT_KERNEL(jpegact_scales, make_scales(arguments))
JPEGACT_KERNEL(jpegact_offsets, make_offsets(arguments))
JPEGACT_KERNEL(jpegact_checksums, make_checksums(arguments))

#define JPEGACT_KERNELS_OF(suffix, type)                                              \
    JPEGACT_KERNEL(jpegact_scan_##suffix, scan<type>(arguments))                      \
    JPEGACT_KERNEL(jpegact_encode_nearest_##suffix, (encode<type, false>(arguments))) \
    JPEGACT_KERNEL(jpegact_encode_truncate_##suffix, (encode<type, true>(arguments))) \
    JPEGACT_KERNEL(jpegact_decode_##suffix, decode<type>(arguments))                  \
    JPEGACT_KERNEL(jpegact_sfpr_encode_##suffix, sfpr_encode<type>(arguments))        \
    JPEGACT_KERNEL(jpegact_sfpr_decode_##suffix, sfpr_decode<type>(arguments))        \
    JPEGACT_KERNEL(jpegact_zvc_encode_##suffix, zvc_encode<type>(arguments))          \
    JPEGACT_KERNEL(jpegact_zvc_decode_##suffix, zvc_decode<type>(arguments))          \
    JPEGACT_KERNEL(jpegact_brc_encode_##suffix, brc_encode<type>(arguments))          \
    JPEGACT_KERNEL(jpegact_brc_decode_##suffix, brc_decode<type>(arguments))          \
    JPEGACT_KERNEL(jpegact_narrow_##suffix, narrow<type>(arguments))

JPEGACT_KERNELS_OF(float32, Float32)
JPEGACT_KERNELS_OF(float16, Float16)
JPEGACT_KERNELS_OF(bfloat16, BFloat16)
