using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Fpga.Launches;

/// <summary>The result word that a kernel writes last (docs/kernels.md).</summary>
/// <param name="Layout">Layout version.</param>
/// <param name="Status">0, or what was wrong.</param>
/// <param name="BlockCount">Blocks of the launch.</param>
/// <param name="ValueBytes">Value bytes written or read.</param>
/// <param name="MaskSum">Sum of the masks.</param>
/// <param name="DataSum">Sum of the data written.</param>
internal readonly record struct LaunchResult(uint Layout, uint Status, uint BlockCount, uint ValueBytes, ulong MaskSum, ulong DataSum)
{
    /// <summary>Bytes of the word.</summary>
    internal const int Bytes = 64;

    /// <summary>Reads the word.</summary>
    /// <param name="word">64 bytes.</param>
    internal static LaunchResult Read(NativeSpan<byte> word)
    {
        NativeSpan<uint> low = word.Cast<uint>();
        NativeSpan<ulong> sums = word.Cast<ulong>();
        return new LaunchResult(low[0], low[1], low[2], low[3], sums[2], sums[3]);
    }

    /// <summary>Checks what every launch must say.</summary>
    /// <param name="unit">The compute unit, for the message.</param>
    /// <param name="layout">The layout version that the host speaks.</param>
    /// <param name="blockCount">Blocks of the launch.</param>
    /// <exception cref="BackendException">The kernel did not run, speaks another version, or reports an error.</exception>
    internal void Demand(string unit, uint layout, uint blockCount)
    {
        if (Layout == 0)
        {
            throw Fault(unit, "completed without writing its result word: the completion was false or its output was lost");
        }

        if (Layout != layout)
        {
            throw new BackendException(BackendFailure.DeviceLost, $"{unit} speaks layout version 0x{Layout:x8}; this host speaks 0x{layout:x8}. Load an xclbin that fits this program.");
        }

        if (Status != 0)
        {
            throw Fault(unit, $"reports status {Status} ({Describe(Status)})");
        }

        if (BlockCount != blockCount)
        {
            throw Fault(unit, $"reports {BlockCount} blocks for a launch of {blockCount}");
        }
    }

    /// <summary>Checks a checksum of data that came over the link.</summary>
    /// <param name="unit">The compute unit, for the message.</param>
    /// <param name="name">What was summed.</param>
    /// <param name="expected">The kernel's sum.</param>
    /// <param name="data">What arrived.</param>
    /// <exception cref="BackendException">The sums differ.</exception>
    internal static void DemandSum(string unit, string name, ulong expected, NativeSpan<ulong> data)
    {
        ulong sum = Sum(data);
        if (sum != expected)
        {
            throw Fault(unit, $"wrote {name} with checksum 0x{expected:x16}; 0x{sum:x16} arrived: the transfer or the card's memory is damaged");
        }
    }

    internal static BackendException Fault(string unit, string what) => new(BackendFailure.DeviceFault, $"{unit} {what}.");

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveOptimization)]
    private static ulong Sum(NativeSpan<ulong> data)
    {
        const int Part = 1 << 20;
        ulong sum = 0;
        for (long at = 0; at < data.Length; at += Part)
        {
            foreach (ulong word in data.AsSpan(at, (int)Math.Min(Part, data.Length - at)))
            {
                sum += word;
            }
        }

        return sum;
    }

    private static string Describe(uint status) => (status & 1) != 0 ? "bad argument" : (status & 2) != 0 ? "the masks name another number of value bytes than were given" : "unknown";
}
