# What the kernels are made of, and a checksum of it that both the PTX and the emulated GPU carry. Set KERNELS first.
JPEGACT_HEADERS := $(KERNELS)/../../../fpga-kernels/include
KERNEL_SOURCES := $(sort $(wildcard $(KERNELS)/*.cu $(KERNELS)/*.cuh)) $(JPEGACT_HEADERS)/jpegact/constants.hpp
KERNEL_INCLUDES := -I$(KERNELS) -I$(JPEGACT_HEADERS)
KERNEL_STAMP := jpegact-kernel-sources-$(firstword $(shell cat $(KERNEL_SOURCES) | sha256sum))
