/**
 * The cycle model, for a host or an emulated card: how long a kernel would take on a card for a launch that it has just
 * carried out in C simulation. A MODEL, not a measurement: see parameters.hpp for what it rests on.
 *
 * The library of the C simulation exports this function beside the kernels.
 */
#ifndef JPEGACT_LAUNCH_MODEL_H
#define JPEGACT_LAUNCH_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct jpegact_model_time {
    double seconds;       /* of the kernel, from its start to its end */
    double fixed_seconds; /* the part of it that does not grow with the descriptors */
    uint64_t descriptors; /* how many the launch carried out */
    char limit[32];       /* what most of the rest was spent waiting for: a process, a port, a bank; "" for none */
};

/**
 * Reads the launch's descriptors and results again, so it is to be called after the kernel and before its buffers
 * change. `arguments`: the launch's arguments in order; buffers as pointers to their contents. `banks`: for each buffer
 * argument the tag of the memory bank it lies in, such as "DDR[0]", "HBM[3]", "HOST[0]"; null for scalars. Returns 0,
 * or -1 when there is no kernel of this name or the number of arguments is another.
 */
int jpegact_model_launch(const char* kernel, const uint64_t* arguments, const char* const* banks,
                         uint32_t argument_count, struct jpegact_model_time* time);

#ifdef __cplusplus
}
#endif

#endif
