using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>The buffers that a launch of jpegact_encode or jpegact_decode has: two kernels, the same five.</summary>
internal enum LaunchBuffer
{
    /// <summary>The blocks.</summary>
    Data,

    /// <summary>Descriptors, then scales.</summary>
    IndexIn,

    /// <summary>Results, then the encoder's tile offsets.</summary>
    IndexOut,

    /// <summary>The masks.</summary>
    Masks,

    /// <summary>The values.</summary>
    Values,
}

/// <summary>The arguments of jpegact_encode or jpegact_decode and the banks of their buffers, looked up once.</summary>
internal sealed class CodecArguments
{
    /// <summary>Buffers of a launch.</summary>
    internal const int BufferCount = (int)LaunchBuffer.Values + 1;

    // In the order of the kernels' *_words arguments, which say how large the buffers are.
    private static readonly LaunchBuffer[] SizeOrder = [LaunchBuffer.Data, LaunchBuffer.IndexIn, LaunchBuffer.Masks, LaunchBuffer.Values, LaunchBuffer.IndexOut];

    private readonly (int Argument, LaunchBuffer Buffer)[] _buffers;
    private readonly int[] _banks = new int[BufferCount];
    private readonly int _count;
    private readonly int _firstSize;
    private readonly int _sizes;

    /// <summary>Initializes a new instance of the <see cref="CodecArguments"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="writesTileOffsets">Whether its kernel writes tile offsets behind its results, and is told their room: the encoder does.</param>
    internal CodecArguments(ComputeUnit unit, bool writesTileOffsets)
    {
        List<(int, LaunchBuffer)> buffers =
        [
            (unit.IndexOf("descriptors"), LaunchBuffer.IndexIn),
            (unit.IndexOf("results"), LaunchBuffer.IndexOut),
            (unit.IndexOf("data"), LaunchBuffer.Data),
            (unit.IndexOf("scales"), LaunchBuffer.IndexIn),
            (unit.IndexOf("masks"), LaunchBuffer.Masks),
            (unit.IndexOf("values"), LaunchBuffer.Values),
        ];
        if (writesTileOffsets)
        {
            buffers.Add((unit.IndexOf("tile_offsets"), LaunchBuffer.IndexOut));
        }

        _buffers = [.. buffers];
        _count = unit.IndexOf("descriptor_count");
        _firstSize = unit.IndexOf("data_words");
        _sizes = writesTileOffsets ? SizeOrder.Length : SizeOrder.Length - 1;
        _banks[(int)LaunchBuffer.Data] = unit.BankOf("data");
        _banks[(int)LaunchBuffer.IndexIn] = unit.SharedBankOf("descriptors", "scales");
        _banks[(int)LaunchBuffer.IndexOut] = writesTileOffsets ? unit.SharedBankOf("results", "tile_offsets") : unit.BankOf("results");
        _banks[(int)LaunchBuffer.Masks] = unit.BankOf("masks");
        _banks[(int)LaunchBuffer.Values] = unit.BankOf("values");
    }

    /// <summary>Gives the bank of a buffer.</summary>
    /// <param name="buffer">The buffer.</param>
    internal int BankOf(LaunchBuffer buffer) => _banks[(int)buffer];

    /// <summary>Sets all arguments of a launch.</summary>
    /// <param name="run">The launch.</param>
    /// <param name="rented">The five buffers, by <see cref="LaunchBuffer"/>.</param>
    /// <param name="count">Descriptors.</param>
    internal void Set(UnitRun run, ReadOnlySpan<CardBuffer?> rented, int count)
    {
        foreach ((int argument, LaunchBuffer buffer) in _buffers)
        {
            run.Set(argument, rented[(int)buffer]!);
        }

        run.Set32(_count, count);
        for (int i = 0; i < _sizes; i++)
        {
            run.Set64(_firstSize + i, rented[(int)SizeOrder[i]]!.Length / KernelInterface.WordBytes);
        }
    }
}
