using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Gpu.Staging;

/// <summary>
/// Brings tensors of a GPU into page-locked memory that a card reads too, in the form that suits the links: raw, half as wide,
/// or as 8-bit numbers.
/// </summary>
/// <remarks>
/// Safe from any thread. The memory is the caller's: a card's host buffer locked by <see cref="Cuda.CudaHostMemory.Register"/>, or
/// the driver's own memory given to the card as a user pointer. So the bytes cross two links and no copy is made between them.
/// </remarks>
/// <param name="backend">The GPU. Not owned.</param>
public sealed class GpuStaging(GpuBackend backend)
{
    /// <summary>Stages a tensor; the bytes are there when the call is done.</summary>
    /// <param name="source">A tensor in device memory, not empty.</param>
    /// <param name="format">What is made of it.</param>
    /// <param name="profile">Scale mode and full scale of <see cref="StagingFormat.ScaledInt8"/>; a profile with scales.</param>
    /// <param name="destination">Page-locked memory, 64-byte aligned, of at least <see cref="StagedTensor.BytesNeeded"/> bytes.</param>
    /// <param name="cancellationToken">Honoured until the GPU has the work.</param>
    /// <returns>What lies there.</returns>
    /// <exception cref="ArgumentException">An argument does not fit.</exception>
    /// <exception cref="Core.Backends.BackendException">The GPU failed.</exception>
    public async ValueTask<StagedTensor> StageAsync(TensorView source, StagingFormat format, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        if (source.Memory != MemoryKind.Gpu || source.Spec.Shape.ElementCount == 0)
        {
            throw new ArgumentException($"A tensor {source.Spec} in {source.Memory} is nothing to stage: it must lie in a GPU's memory and have elements.", nameof(source));
        }

        if (format == StagingFormat.ScaledInt8 && !profile.Method.HasScales())
        {
            throw new ArgumentException($"Profile {profile} has no scales.", nameof(profile));
        }

        long needed = StagedTensor.BytesNeeded(source.Spec, format, profile.ScaleMode);
        if (destination.Length < needed || destination.Address % 64 != 0)
        {
            throw new ArgumentException($"Staging {source.Spec} as {format} needs {needed} bytes at a multiple of 64; {destination.Length} at 0x{destination.Address:x} were given.", nameof(destination));
        }

        NativeSpan<byte> room = destination.Slice(0, needed);
        nint caller = backend.CallerStreamOf(source);
        return await backend.Lanes.UseAsync(lane => lane.Stage(source, format, profile, room, caller), cancellationToken).ConfigureAwait(false);
    }
}
