using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Launches;

/// <summary>The result word that a kernel writes for a descriptor (docs/kernels.md).</summary>
/// <param name="Layout">Layout version.</param>
/// <param name="Status">0, or what was wrong or seen.</param>
/// <param name="ValueBytes">Value bytes made or named.</param>
/// <param name="FirstValuesWord">First word of the values.</param>
/// <param name="BlockCount">Blocks of the descriptor.</param>
/// <param name="Index">Index of the descriptor.</param>
/// <param name="MaskSum">Sum of the masks.</param>
/// <param name="WrittenSum">Sum of the data written.</param>
/// <param name="ReadSum">Sum of the data read.</param>
/// <param name="IndexSum">Sum of the descriptor and of the scales read.</param>
internal readonly record struct LaunchResult(
    uint Layout, uint Status, ulong ValueBytes, ulong FirstValuesWord, uint BlockCount, uint Index, ulong MaskSum, ulong WrittenSum, ulong ReadSum, ulong IndexSum)
{
    /// <summary>Bytes of the word.</summary>
    internal const int Bytes = KernelInterface.WordBytes;

    /// <summary>Status bit of maximum: an element is NaN or infinite.</summary>
    internal const uint NonFinite = 1 << 8;

    /// <summary>Status bit of maximum: an element is below zero.</summary>
    internal const uint AnyNegative = 1 << 9;

    private const uint Observations = NonFinite | AnyNegative;

    /// <summary>Reads the word of a descriptor.</summary>
    /// <param name="results">The launch's results.</param>
    /// <param name="index">Index of the descriptor.</param>
    internal static LaunchResult Read(NativeSpan<byte> results, int index)
    {
        NativeSpan<ulong> words = results.Slice((long)index * Bytes, Bytes).Cast<ulong>();
        return new LaunchResult(
            (uint)words[0], (uint)(words[0] >> 32), words[1], words[2], (uint)words[3], (uint)(words[3] >> 32), words[4], words[5], words[6], words[7]);
    }

    /// <summary>Checks what every result must say.</summary>
    /// <param name="unit">The compute unit, for the message.</param>
    /// <param name="index">Index of the descriptor.</param>
    /// <param name="blockCount">Its blocks.</param>
    /// <param name="indexSum">Sum of the descriptor, which holds the launch's ticket, and of its scales.</param>
    /// <exception cref="BackendException">The kernel did not run, speaks another version, reports an error, or read something else than it was given.</exception>
    internal void Demand(string unit, int index, int blockCount, ulong indexSum)
    {
        if ((Layout & 0xffffff00) != (KernelInterface.ResultMagic & 0xffffff00))
        {
            throw Fault(unit, "completed without writing its result word: the completion was false or its output was lost");
        }

        if (Layout != KernelInterface.ResultMagic)
        {
            throw new BackendException(BackendFailure.DeviceLost, $"{unit} speaks layout version 0x{Layout:x8}; this host speaks 0x{KernelInterface.ResultMagic:x8}. Load an xclbin that fits this program.");
        }

        if ((Status & ~Observations) != 0)
        {
            throw Fault(unit, $"reports status {Status} ({Describe(Status)}) for descriptor {index}");
        }

        if (BlockCount != (uint)blockCount || Index != (uint)index)
        {
            throw Fault(unit, $"reports {BlockCount} blocks of descriptor {Index}; descriptor {index} has {blockCount}");
        }

        if (IndexSum != indexSum)
        {
            throw Fault(unit, $"read a descriptor and scales with checksum 0x{IndexSum:x16}; 0x{indexSum:x16} was given: they were damaged on the way, or the result is an old one, of another launch");
        }
    }

    /// <summary>Checks a checksum of data that went over the link.</summary>
    /// <param name="unit">The compute unit, for the message.</param>
    /// <param name="what">What was summed, and who did what to it.</param>
    /// <param name="card">The kernel's sum.</param>
    /// <param name="host">This host's sum.</param>
    /// <exception cref="BackendException">The sums differ.</exception>
    internal static void DemandSum(string unit, string what, ulong card, ulong host)
    {
        if (card != host)
        {
            throw Fault(unit, $"{what} with checksum 0x{card:x16}; the host has 0x{host:x16}: the transfer or the card's memory is damaged");
        }
    }

    /// <summary>Makes the exception for a compute unit that misbehaved.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="what">What it did.</param>
    internal static BackendException Fault(string unit, string what) => new(BackendFailure.DeviceFault, $"{unit} {what}.");

    private static string Describe(uint status) => status switch
    {
        _ when (status & 1) != 0 => "bad descriptor",
        _ when (status & 2) != 0 => "the masks name another number of value bytes than were given",
        _ when (status & 4) != 0 => "the values did not fit",
        _ when (status & 8) != 0 => "bad launch",
        _ => "unknown",
    };
}
