using JpegActFpga.Core.Backends;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Cli.Backends;

/// <summary>A GPU, and whether torch computes on it.</summary>
/// <param name="Index">Its index, as CUDA counts.</param>
/// <param name="TorchComputes">Activations lie in its memory.</param>
internal sealed record GpuSelection(int Index, bool TorchComputes)
{
    private const int ValidationRingBytes = 4096;

    private GpuOptions Options => new()
    {
        DeviceIndex = Index,
        CallerStream = TorchComputes ? () => TorchCuda.CurrentStream(Index) : null,
    };

    /// <summary>Opens the GPU's codec; the caller disposes it.</summary>
    /// <param name="smallRing">Move frames in parts of a few KiB, to try the parts' borders.</param>
    /// <exception cref="CliException">There is no GPU (exit status 3), or the driver refuses (1).</exception>
    internal GpuBackend Open(bool smallRing = false)
    {
        try
        {
            return GpuBackend.Open(smallRing ? Options with { RingSlotBytes = ValidationRingBytes } : Options);
        }
        catch (CudaNotAvailableException error)
        {
            throw new CliException(ExitCode.NoDevice, error.Message);
        }
        catch (CudaException error)
        {
            throw new CliException(ExitCode.Failed, $"GPU {Index} can't be used: {error.Message}");
        }
    }

    /// <summary>Opens the backends of a training whose activations or whose codec are the GPU's.</summary>
    /// <param name="choice">What the user wants.</param>
    /// <param name="others">What was opened for the user's choice but for the GPU, this processor last; disposed with the result.</param>
    /// <exception cref="CliException">There is no GPU.</exception>
    internal BackendSet Extend(BackendChoice choice, BackendSet others)
    {
        GpuBackend gpu = Open();
        bool codec = choice is BackendChoice.Gpu or BackendChoice.Auto;
        string whose = TorchComputes ? "activations stay on the GPU until they are frames" : "activations come from this processor's memory";
        if (!TorchComputes)
        {
            return new BackendSet([gpu, .. others.Backends], $"{gpu.Capabilities.Device}, {whose}; what fails on it: {others.Description}");
        }

        // The others see copies in host memory.
        ICodecBackend[] copied = [.. others.Backends.Select(backend => new HostCopyBackend(backend, gpu.Context, Options))];
        return codec
            ? new BackendSet([gpu, .. copied], $"{gpu.Capabilities.Device}, {whose}; what fails on it, through copies in host memory: {others.Description}")
            : new BackendSet(copied, $"{others.Description}, through copies in host memory", gpu);
    }
}
