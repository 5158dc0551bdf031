using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>One compute unit of the card with buffers of its own, so that units never wait for each other. One thread at a time.</summary>
internal abstract unsafe class ComputeUnit : IDisposable
{
    private readonly XrtDevice _device;
    private readonly XrtKernel _kernel;
    private readonly TimeSpan _timeout;
    private readonly Dictionary<int, XrtBuffer> _buffers = [];
    private readonly XrtBuffer _result;
    private XrtRun? _run;

    protected ComputeUnit(XrtDevice device, Guid xclbin, XclbinComputeUnit unit, KernelSignature signature, TimeSpan timeout)
    {
        _device = device;
        _timeout = timeout;
        Signature = signature;
        Name = $"Compute unit {unit.XrtName} of card {device.Index}";
        _kernel = XrtKernel.Open(device, xclbin, unit.XrtName);
        try
        {
            _result = Allocate("result", LaunchResult.Bytes);
        }
        catch
        {
            _kernel.Dispose();
            throw;
        }
    }

    /// <summary>Gets the unit's name, for messages.</summary>
    internal string Name { get; }

    /// <summary>Gets a value indicating whether the unit hung: it and its buffers are lost until the card is reset.</summary>
    internal bool IsHung { get; private set; }

    protected KernelSignature Signature { get; }

    /// <summary>Gets the run, with the buffers bound to it; a new one where the last start failed.</summary>
    protected XrtRun Run
    {
        get
        {
            if (_run is { IsDead: true })
            {
                _run.Dispose();
                _run = null;
            }

            if (_run is null)
            {
                XrtRun run = XrtRun.Open(_kernel);
                try
                {
                    foreach ((int argument, XrtBuffer buffer) in _buffers)
                    {
                        run.SetArgument(argument, buffer);
                    }
                }
                catch
                {
                    run.Dispose();
                    throw;
                }

                _run = run;
            }

            return _run;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // An abandoned run keeps itself, its buffers and its kernel open: the card may still write to them.
        _run?.Dispose();
        foreach (XrtBuffer buffer in _buffers.Values)
        {
            buffer.Dispose();
        }

        _kernel.Dispose();
    }

    /// <summary>Turns what XRT throws into what the engine knows.</summary>
    /// <param name="error">The failure.</param>
    internal BackendException Translate(XrtException error)
    {
        BackendFailure failure = error.DeviceLost ? BackendFailure.DeviceLost : error.IsTransient ? BackendFailure.Transient : BackendFailure.DeviceFault;
        return new BackendException(failure, $"{Name}: {error.Message}", error);
    }

    protected static NativeSpan<byte> Host(XrtBuffer buffer) => new(buffer.HostMemory, buffer.Length);

    protected int Argument(string name) => Signature.Arguments.First(argument => argument.Name == name).Index;

    protected XrtBuffer Allocate(string argument, long bytes)
    {
        int index = Argument(argument);
        XrtBuffer buffer = XrtBuffer.Allocate(_device, Pages(bytes), _kernel.GetBank(index));
        _buffers.Add(index, buffer);
        return buffer;
    }

    /// <summary>Sets the scalars that both kernels share.</summary>
    protected void SetGeometry(LaunchGeometry launch, uint scaleCount, uint firstScale, ReadOnlySpan<byte> shifts)
    {
        XrtRun run = Run;
        run.SetArgument(Argument("block_count"), launch.BlockCount);
        run.SetArgument(Argument("blocks_per_row"), launch.BlocksPerRow);
        run.SetArgument(Argument("rows_per_scale"), launch.RowsPerScale);
        run.SetArgument(Argument("scale_count"), scaleCount);
        run.SetArgument(Argument("first_column"), launch.FirstColumn);
        run.SetArgument(Argument("first_row"), launch.FirstRow);
        run.SetArgument(Argument("first_scale"), firstScale);
        int shiftsArgument = Argument("shifts_0");
        for (int word = 0; word < 4; word++)
        {
            ulong packed = 0;
            for (int i = 0; i < 16; i++)
            {
                packed |= (ulong)shifts[(16 * word) + i] << (4 * i);
            }

            run.SetArgument(shiftsArgument + word, packed);
        }
    }

    /// <summary>Starts the kernel, waits for its end, and checks its result word.</summary>
    /// <param name="blockCount">Blocks of the launch.</param>
    /// <exception cref="BackendException">The unit hung, failed, or completed falsely.</exception>
    protected LaunchResult Launch(uint blockCount)
    {
        // An old result must not pass for this launch's: the card starts from zeros.
        Host(_result).Clear();
        _result.Sync(XrtSyncDirection.ToDevice);
        Run.Start();
        XrtRunState state = Run.Wait(_timeout);
        if (!state.IsFinal() || state is XrtRunState.DriverTimeout or XrtRunState.NoResponse)
        {
            IsHung = true;
            Run.Abandon();
            throw LaunchResult.Fault(Name, $"did not end a launch of {blockCount} blocks within {_timeout.TotalSeconds:0.###} s (state {state}); it is out of service and its buffers are leaked until the card is reset");
        }

        if (state != XrtRunState.Completed)
        {
            throw LaunchResult.Fault(Name, $"ended a launch of {blockCount} blocks in state {state}");
        }

        _result.Sync(XrtSyncDirection.FromDevice, 0, LaunchResult.Bytes);
        LaunchResult result = LaunchResult.Read(Host(_result).Slice(0, LaunchResult.Bytes));
        result.Demand(Name, KernelInterface.ResultMagic, blockCount);
        return result;
    }

    private static long Pages(long bytes) => (bytes + NativeBuffer.PageBytes - 1) / NativeBuffer.PageBytes * NativeBuffer.PageBytes;
}
