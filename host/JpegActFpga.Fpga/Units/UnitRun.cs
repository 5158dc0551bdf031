using JpegActFpga.Core.Backends;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A place in a compute unit's queue of launches. One thread at a time; several of them keep a unit busy.</summary>
internal sealed class UnitRun : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CardCounters _counters;
    private XrtRun? _run;
    private bool _isInFlight;

    /// <summary>Initializes a new instance of the <see cref="UnitRun"/> class.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="timeout">How long a launch may take.</param>
    /// <param name="counters">Counts launches.</param>
    internal UnitRun(ComputeUnit unit, TimeSpan timeout, CardCounters counters)
    {
        Unit = unit;
        _timeout = timeout;
        _counters = counters;
    }

    /// <summary>Gets the unit.</summary>
    internal ComputeUnit Unit { get; }

    /// <summary>Gets a value indicating whether the last launch hung: the buffers bound to it are the card's for ever.</summary>
    internal bool IsAbandoned { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        // An abandoned run keeps itself, its buffers and its kernel open: the card may still write to them.
        _run?.Dispose();
        _run = null;
    }

    /// <summary>Sets a buffer.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="buffer">The buffer.</param>
    internal void Set(int argument, CardBuffer buffer) => Usable().SetArgument(argument, buffer.Native);

    /// <summary>Sets a 32-bit scalar.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Its value.</param>
    internal void Set32(int argument, int value) => Usable().SetArgument(argument, (uint)value);

    /// <summary>Sets a 64-bit scalar.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Its value.</param>
    internal void Set64(int argument, long value) => Usable().SetArgument(argument, (ulong)value);

    /// <summary>Starts the launch.</summary>
    /// <exception cref="XrtException">The driver refused.</exception>
    internal void Start()
    {
        Usable().Start();
        _isInFlight = true;
        _counters.Launched();
    }

    /// <summary>Waits for a launch that somebody started and did not wait for, because of a failure in between.</summary>
    internal void Settle()
    {
        if (_isInFlight)
        {
            try
            {
                Wait();
            }
            catch (BackendException)
            {
                // Its results are not wanted; that the unit hung is noted.
            }
        }
    }

    /// <summary>Waits for the end of the launch.</summary>
    /// <exception cref="BackendException">The unit hung or failed.</exception>
    internal void Wait()
    {
        XrtRun run = Usable();
        XrtRunState state = run.Wait(_timeout);
        _isInFlight = false;
        if (!state.IsFinal() || state is XrtRunState.DriverTimeout or XrtRunState.NoResponse)
        {
            Unit.Lose();
            IsAbandoned = true;
            run.Abandon();
            throw LaunchResult.Fault(Unit.Name, $"did not end a launch within {_timeout.TotalSeconds:0.###} s (state {state}); it is out of service and the launch's buffers are leaked until the card is reset");
        }

        if (state != XrtRunState.Completed)
        {
            throw LaunchResult.Fault(Unit.Name, $"ended a launch in state {state}");
        }
    }

    // A run whose last start failed is dead: a new one takes its place.
    private XrtRun Usable()
    {
        if (_run is { IsDead: true })
        {
            _run.Dispose();
            _run = null;
        }

        return _run ??= XrtRun.Open(Unit.Kernel);
    }
}
