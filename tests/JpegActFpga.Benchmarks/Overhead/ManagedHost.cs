using System.Diagnostics;
using JpegActFpga.Core.Memory;
using JpegActFpga.Xrt;

namespace JpegActFpga.Benchmarks.Overhead;

/// <summary>One side of the comparison, with a card and two buffers of its own.</summary>
internal interface IOverheadHost : IDisposable
{
    /// <summary>Repeats an operation.</summary>
    /// <param name="operation">What to do.</param>
    /// <param name="repetitions">How often.</param>
    /// <returns>Nanoseconds of all repetitions together.</returns>
    long Measure(OverheadOperation operation, int repetitions);
}

/// <summary>The same program as tests/HostOverhead/host_overhead.cpp, with the bindings of this project.</summary>
internal sealed class ManagedHost : IOverheadHost
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly XrtDevice _device;
    private readonly XrtKernel _kernel;
    private readonly XrtBuffer _input;
    private readonly XrtBuffer _output;
    private readonly XrtRun _run;
    private readonly NativeBuffer _source;
    private readonly int _bytes;

    /// <summary>Opens the card.</summary>
    /// <param name="xclbin">Path of the xclbin with the copy kernel.</param>
    /// <param name="bytes">Bytes of each buffer.</param>
    internal ManagedHost(string xclbin, int bytes)
    {
        _bytes = bytes;

        // Page-aligned as on the other side, and native, as a tensor's memory is.
        _source = new NativeBuffer(bytes);
        Source.Fill(0x5a);
        _device = XrtDevice.Open(0);
        _kernel = XrtKernel.Open(_device, _device.LoadXclbin(xclbin), "copy_words:{copy_words_1}");
        _input = XrtBuffer.AllocateUserPointer(_device, bytes, _kernel.GetBank(0));
        _output = XrtBuffer.AllocateUserPointer(_device, bytes, _kernel.GetBank(1));
        _run = XrtRun.Open(_kernel);
        _run.SetArgument(0, _input);
        _run.SetArgument(1, _output);
        _run.SetArgument(2, (uint)(bytes / sizeof(uint)));
    }

    /// <inheritdoc/>
    public long Measure(OverheadOperation operation, int repetitions)
    {
        long start = Stopwatch.GetTimestamp();
        Repeat(operation, repetitions);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        return operation == OverheadOperation.Launch && !_output.AsSpan(0, _bytes).SequenceEqual(Source)
            ? throw new InvalidOperationException("The copy differs.")
            : time.Ticks * TimeSpan.NanosecondsPerTick;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _run.Dispose();
        _output.Dispose();
        _input.Dispose();
        _kernel.Dispose();
        _device.Dispose();
        _source.Dispose();
    }

    private Span<byte> Source => _source.Bytes.AsSpan(0, _bytes);

    private void Repeat(OverheadOperation operation, int repetitions)
    {
        switch (operation)
        {
            case OverheadOperation.ToCard:
                ToCard(repetitions);
                break;
            case OverheadOperation.FromCard:
                FromCard(repetitions);
                break;
            case OverheadOperation.RoundTrip:
                RoundTrip(repetitions);
                break;
            default:
                Launch(repetitions);
                break;
        }
    }

    private void ToCard(int repetitions)
    {
        for (int i = 0; i < repetitions; i++)
        {
            _input.Sync(XrtSyncDirection.ToDevice);
        }
    }

    private void FromCard(int repetitions)
    {
        for (int i = 0; i < repetitions; i++)
        {
            _output.Sync(XrtSyncDirection.FromDevice);
        }
    }

    private void RoundTrip(int repetitions)
    {
        for (int i = 0; i < repetitions; i++)
        {
            Source.CopyTo(_input.AsSpan(0, _bytes));
            _input.Sync(XrtSyncDirection.ToDevice);
            _input.Sync(XrtSyncDirection.FromDevice);
        }
    }

    private void Launch(int repetitions)
    {
        for (int i = 0; i < repetitions; i++)
        {
            Source.CopyTo(_input.AsSpan(0, _bytes));
            _input.Sync(XrtSyncDirection.ToDevice);
            _run.Start();
            _run.WaitCompleted(Patience);
            _output.Sync(XrtSyncDirection.FromDevice);
        }
    }
}
