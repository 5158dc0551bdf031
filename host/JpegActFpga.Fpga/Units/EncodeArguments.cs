using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>The arguments of jpegact_encode and their banks, looked up once.</summary>
internal sealed class EncodeArguments
{
    private readonly int _descriptors;
    private readonly int _results;
    private readonly int _data;
    private readonly int _scales;
    private readonly int _masks;
    private readonly int _values;
    private readonly int _tileOffsets;
    private readonly int _count;
    private readonly int _firstSize;

    /// <summary>Initializes a new instance of the <see cref="EncodeArguments"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    internal EncodeArguments(ComputeUnit unit)
    {
        _descriptors = unit.IndexOf("descriptors");
        _results = unit.IndexOf("results");
        _data = unit.IndexOf("data");
        _scales = unit.IndexOf("scales");
        _masks = unit.IndexOf("masks");
        _values = unit.IndexOf("values");
        _tileOffsets = unit.IndexOf("tile_offsets");
        _count = unit.IndexOf("descriptor_count");
        _firstSize = unit.IndexOf("data_words");
        DataBank = unit.BankOf("data");
        IndexInBank = unit.SharedBankOf("descriptors", "scales");
        IndexOutBank = unit.SharedBankOf("results", "tile_offsets");
        MasksBank = unit.BankOf("masks");
        ValuesBank = unit.BankOf("values");
    }

    /// <summary>Gets the bank of the blocks.</summary>
    internal int DataBank { get; }

    /// <summary>Gets the bank of descriptors and scales.</summary>
    internal int IndexInBank { get; }

    /// <summary>Gets the bank of results and tile offsets.</summary>
    internal int IndexOutBank { get; }

    /// <summary>Gets the bank of the masks.</summary>
    internal int MasksBank { get; }

    /// <summary>Gets the bank of the values.</summary>
    internal int ValuesBank { get; }

    /// <summary>Sets all arguments of a launch.</summary>
    internal void Set(UnitRun run, CardBuffer data, CardBuffer indexIn, CardBuffer indexOut, CardBuffer masks, CardBuffer values, int count)
    {
        run.Set(_descriptors, indexIn);
        run.Set(_results, indexOut);
        run.Set(_data, data);
        run.Set(_scales, indexIn);
        run.Set(_masks, masks);
        run.Set(_values, values);
        run.Set(_tileOffsets, indexOut);
        run.Set32(_count, count);
        run.Set64(_firstSize, data.Length / KernelInterface.WordBytes);
        run.Set64(_firstSize + 1, indexIn.Length / KernelInterface.WordBytes);
        run.Set64(_firstSize + 2, masks.Length / KernelInterface.WordBytes);
        run.Set64(_firstSize + 3, values.Length / KernelInterface.WordBytes);
        run.Set64(_firstSize + 4, indexOut.Length / KernelInterface.WordBytes);
    }
}
