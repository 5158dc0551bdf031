using System.Collections.Frozen;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>
/// The CPU's work as a device would do it: calls wait for a gate, or take a random time, or fail; what it does is noted.
/// </summary>
internal sealed class TimedBackend(int inFlight = 2, int? delaySeed = null) : ICodecBackend
{
    private readonly CpuBackend _cpu = new(new CpuBackendOptions { Threads = 1 });
    private readonly ManualResetEventSlim _open = new(true);
    private readonly Lock _lock = new();
    private readonly Random? _delays = delaySeed is { } seed ? new Random(seed) : null;
    private readonly List<long> _expanded = [];
    private int _compressing;

    public BackendCapabilities Capabilities { get; } = new("timed", "a test's device", Enum.GetValues<CodecMethod>().ToFrozenSet(), MemoryKind.Host, inFlight);

    /// <summary>Widths of the tensors expanded, in order.</summary>
    internal long[] Expanded
    {
        get
        {
            lock (_lock)
            {
                return [.. _expanded];
            }
        }
    }

    /// <summary>Calls to compress that have begun.</summary>
    internal int Compressing => Volatile.Read(ref _compressing);

    /// <summary>A frame that comes out gets a bit flipped: the number of them to come.</summary>
    internal int DamageFrames { get; set; }

    /// <summary>How many expansions that an engine's only worker does are still to fail.</summary>
    internal volatile int FailExpansionsAhead;

    /// <summary>Holds calls up until <see cref="Open"/>.</summary>
    internal void Close() => _open.Reset();

    internal void Open() => _open.Set();

    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _compressing);
        Pass(cancellationToken);
        return _cpu.CompressAsync(source, profile, destination, cancellationToken);
    }

    public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _expanded.Add(destination.Spec.Shape.W);
        }

        Pass(cancellationToken);
        if (FailExpansionsAhead > 0 && Thread.CurrentThread.Name is { } worker && worker.StartsWith("JPEG-ACT offload", StringComparison.Ordinal))
        {
            FailExpansionsAhead--;
            throw new BackendException(BackendFailure.Transient, "as the test says");
        }

        return _cpu.ExpandAsync(frame, destination, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _open.Dispose();
        await _cpu.DisposeAsync();
    }

    private void Pass(CancellationToken cancellationToken)
    {
        if (!_open.Wait(2 * Wait.Patience, cancellationToken))
        {
            throw new TimeoutException("The test never opened its gate.");
        }

        if (_delays is not null)
        {
            int delay;
            lock (_lock)
            {
                delay = _delays.Next(0, 4);
            }

            Thread.Sleep(delay);
        }
    }
}
