using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu;

/// <summary>How <see cref="GpuBackend"/> works.</summary>
public sealed record GpuOptions
{
    /// <summary>Gets the GPU's index, as CUDA counts; 0 or more, default 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Gets the calls that make progress at once, 1 .. 16, default 2: while one moves its frame, another's kernels run.</summary>
    public int Lanes { get; init; } = 2;

    /// <summary>Gets the longest wait for the GPU in one call; above 0, up to 1 h, default 60 s.</summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Gets the longest that the driver may keep a call that waits by itself (to allocate, to free, to load the kernels, which
    /// it compiles at the first time); above 0, up to 1 h, default 2 min. Where it takes longer, the GPU counts as lost.
    /// </summary>
    public TimeSpan DriverLimit { get; init; } = CudaContext.DefaultCallLimit;

    /// <summary>Gets the bytes of a slot of a lane's page-locked ring; 4096 or more, default 2 MiB.</summary>
    public int RingSlotBytes { get; init; } = 2 << 20;

    /// <summary>
    /// Gets a function that gives the stream on which the caller works with its device tensors (torch's current stream), asked
    /// on the calling thread at each call; null for the default stream. A device tensor is read after, and written after,
    /// what is on that stream at the time of the call.
    /// </summary>
    public Func<nint>? CallerStream { get; init; }

    /// <summary>Gets what is asked at each wait in place of <see cref="WaitLimit"/>; null for nothing. For tests of a GPU that hangs, which want the limit short for what hangs alone.</summary>
    internal Func<TimeSpan>? WaitLimitNow { get; init; }

    /// <summary>Gets the limit of a wait that begins now.</summary>
    internal TimeSpan EffectiveWaitLimit => WaitLimitNow?.Invoke() ?? WaitLimit;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceIndex);
        ArgumentOutOfRangeException.ThrowIfLessThan(Lanes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Lanes, 16);
        ArgumentOutOfRangeException.ThrowIfLessThan(RingSlotBytes, 4096);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WaitLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(WaitLimit, CudaContext.LongestCallLimit);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DriverLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DriverLimit, CudaContext.LongestCallLimit);
    }
}
