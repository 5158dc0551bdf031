// The very source that becomes PTX, compiled for the host.
#define JPEGACT_EMULATED_GPU
#include "codec.cu"
