using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Observability;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A place in a compute unit's queue of launches, and their transfers. One thread at a time; several of them keep a unit busy.</summary>
internal sealed class UnitRun : IDisposable
{
    private readonly FpgaOptions _options;
    private readonly CardCounters _counters;
    private readonly WatchedThread _calls;
    private XrtRun? _run;
    private bool _isInFlight;
    private StageScope _stage;

    /// <summary>Initializes a new instance of the <see cref="UnitRun"/> class.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="options">How long a launch may take.</param>
    /// <param name="counters">Counts launches.</param>
    /// <param name="calls">Watches the calls into the driver of the thread that uses this.</param>
    internal UnitRun(ComputeUnit unit, FpgaOptions options, CardCounters counters, WatchedThread calls)
    {
        _calls = calls;
        Unit = unit;
        _options = options;
        _counters = counters;
    }

    /// <summary>Gets the unit.</summary>
    internal ComputeUnit Unit { get; }

    /// <summary>Gets or sets what the work belongs to, for a trace.</summary>
    internal StageOrigin Origin { get; set; }

    /// <summary>Gets a value indicating whether the last launch hung: the buffers bound to it are the card's for ever.</summary>
    internal bool IsAbandoned { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        // An abandoned run keeps itself, its buffers and its kernel open: the card may still write to them.
        if (_run is not null)
        {
            _ = _calls.Enter("xrtRunClose");
            _run.Dispose();
            _run = null;

            // Where it was left behind, the lane looks for it.
            _ = _calls.TryLeave();
        }
    }

    /// <summary>Sets a buffer.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="buffer">The buffer.</param>
    internal void Set(int argument, CardBuffer buffer)
    {
        using (_calls.Enter("xrtRunSetArg"))
        {
            Usable().SetArgument(argument, buffer.Native);
        }
    }

    /// <summary>Sets a 32-bit scalar.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Its value.</param>
    internal void Set32(int argument, int value)
    {
        using (_calls.Enter("xrtRunSetArg"))
        {
            Usable().SetArgument(argument, (uint)value);
        }
    }

    /// <summary>Sets a 64-bit scalar.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Its value.</param>
    internal void Set64(int argument, long value)
    {
        using (_calls.Enter("xrtRunSetArg"))
        {
            Usable().SetArgument(argument, (ulong)value);
        }
    }

    /// <summary>Transfers bytes to the card.</summary>
    /// <param name="buffer">A buffer that this thread rents.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Bytes; 0 transfers nothing.</param>
    /// <exception cref="XrtException">The driver refused.</exception>
    internal void ToCard(CardBuffer buffer, long offset, long bytes)
    {
        if (buffer.IsShared)
        {
            return;
        }

        using StageScope stage = StageTelemetry.Start(Stage.TransferIn, FpgaBackend.ShortName, Unit.Rows.Transfers, origin: Origin);
        try
        {
            using (_calls.Enter("xrtBOSync"))
            {
                _counters.ToCard(buffer, offset, bytes);
            }

            stage.Moved(bytes, bytes);
        }
        catch (XrtException error)
        {
            stage.Failed(error.Message);
            throw;
        }
    }

    /// <summary>Transfers bytes from the card.</summary>
    /// <param name="buffer">A buffer that this thread rents.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Bytes; 0 transfers nothing.</param>
    /// <exception cref="XrtException">The driver refused.</exception>
    internal void FromCard(CardBuffer buffer, long offset, long bytes)
    {
        if (buffer.IsShared)
        {
            return;
        }

        using StageScope stage = StageTelemetry.Start(Stage.TransferOut, FpgaBackend.ShortName, Unit.Rows.Transfers, origin: Origin);
        try
        {
            using (_calls.Enter("xrtBOSync"))
            {
                _counters.FromCard(buffer, offset, bytes);
            }

            stage.Moved(bytes, bytes);
        }
        catch (XrtException error)
        {
            stage.Failed(error.Message);
            throw;
        }
    }

    /// <summary>Starts the launch.</summary>
    /// <exception cref="XrtException">The driver refused.</exception>
    internal void Start()
    {
        XrtRun run;
        using (_calls.Enter("xrtRunOpen"))
        {
            run = Usable();
        }

        _stage = StageTelemetry.Start(Stage.Kernel, FpgaBackend.ShortName, Unit.Rows.Launches, origin: Origin);
        try
        {
            using (_calls.Enter("xrtRunStart"))
            {
                run.Start();

                // At once: where the call was left behind, the card works on the buffers all the same.
                _isInFlight = true;
            }
        }
        catch (XrtException error)
        {
            EndStage(error.Message);
            throw;
        }

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
        try
        {
            WaitForEnd();
            EndStage(null);
        }
        catch (Exception error)
        {
            EndStage(error.Message);
            throw;
        }
    }

    private void WaitForEnd()
    {
        // Polls what the driver writes into this program's memory: no call that could be stuck.
        XrtRun run = _run!;
        TimeSpan timeout = _options.LaunchTimeoutNow?.Invoke() ?? _options.LaunchTimeout;
        XrtRunState state = run.Wait(timeout);
        _isInFlight = false;
        if (!state.IsFinal() || state is XrtRunState.DriverTimeout or XrtRunState.NoResponse)
        {
            Unit.Lose();
            IsAbandoned = true;
            run.Abandon();
            throw LaunchResult.Fault(Unit.Name, $"did not end a launch within {timeout.TotalSeconds:0.###} s (state {state}); it is out of service and the launch's buffers are leaked until the card is reset");
        }

        if (state != XrtRunState.Completed)
        {
            throw LaunchResult.Fault(Unit.Name, $"ended a launch in state {state}");
        }
    }

    private void EndStage(string? failure)
    {
        if (failure is not null)
        {
            _stage.Failed(failure);
        }

        _stage.Dispose();
        _stage = default;
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
