using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Core.Frames;

/// <summary>CRC-32C (Castagnoli, reflected 0x82F63B78, initial and final xor all ones): RFC 3720, appendix B.4.</summary>
/// <remarks>A running value starts at <see cref="Seed"/> and ends with <see cref="Finish"/>. Thread-safe.</remarks>
public static class Crc32C
{
    /// <summary>Value of an empty run before its final xor.</summary>
    public const uint Seed = 0xffffffff;

    /// <summary>Adds bytes to a running value.</summary>
    /// <param name="running">Seed, or what a former call gave.</param>
    /// <param name="bytes">The bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            running = BitOperations.Crc32C(running, word);
        }

        foreach (byte value in bytes[(words.Length * sizeof(ulong))..])
        {
            running = BitOperations.Crc32C(running, value);
        }

        return running;
    }

    /// <summary>Adds bytes of a view of any length to a running value.</summary>
    /// <param name="running">Seed, or what a former call gave.</param>
    /// <param name="bytes">The bytes.</param>
    public static uint Append(uint running, NativeSpan<byte> bytes)
    {
        const int Part = 1 << 30;
        for (long at = 0; at < bytes.Length; at += Part)
        {
            running = Append(running, bytes.AsSpan(at, (int)Math.Min(Part, bytes.Length - at)));
        }

        return running;
    }

    /// <summary>Turns a running value into the checksum.</summary>
    /// <param name="running">What <c>Append</c> gave.</param>
    public static uint Finish(uint running) => ~running;
}
