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

    /// <summary>Runs that go side by side: one waits three cycles for each of its instructions, four hide each other's waits.</summary>
    public const int Chains = 4;

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

    /// <summary>Adds bytes to <see cref="Chains"/> running values side by side.</summary>
    /// <param name="at">Where each one's bytes begin; not read where it has none. Their ends afterwards.</param>
    /// <param name="left">How many each one has; 0 afterwards.</param>
    /// <param name="running">The running values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static unsafe void Append(byte** at, long* left, uint* running)
    {
        // Lengths differ: those that have words left go on together.
        int* active = stackalloc int[Chains];
        while (true)
        {
            int chains = 0;
            long common = long.MaxValue;
            for (int i = 0; i < Chains; i++)
            {
                if (left[i] >= sizeof(ulong))
                {
                    active[chains++] = i;
                    common = Math.Min(common, left[i]);
                }
            }

            if (chains == 0)
            {
                break;
            }

            common -= common % sizeof(ulong);
            AppendWords(at, running, active, chains, common);
            for (int i = 0; i < chains; i++)
            {
                at[active[i]] += common;
                left[active[i]] -= common;
            }
        }

        for (int i = 0; i < Chains; i++)
        {
            if (left[i] > 0)
            {
                running[i] = Append(running[i], new ReadOnlySpan<byte>(at[i], (int)left[i]));
                at[i] += left[i];
                left[i] = 0;
            }
        }
    }

    /// <summary>Turns a running value into the checksum.</summary>
    /// <param name="running">What <c>Append</c> gave.</param>
    public static uint Finish(uint running) => ~running;

    // Fewer than four chains are joined by copies of the first, whose values nobody takes: they cost nothing, as the first
    // waits for itself anyway.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void AppendWords(byte** at, uint* running, int* active, int chains, long bytes)
    {
        int i0 = active[0];
        int i1 = chains > 1 ? active[1] : i0;
        int i2 = chains > 2 ? active[2] : i0;
        int i3 = chains > 3 ? active[3] : i0;
        byte* p0 = at[i0];
        byte* p1 = at[i1];
        byte* p2 = at[i2];
        byte* p3 = at[i3];
        uint c0 = running[i0];
        uint c1 = running[i1];
        uint c2 = running[i2];
        uint c3 = running[i3];
        for (long i = 0; i < bytes; i += sizeof(ulong))
        {
            c0 = BitOperations.Crc32C(c0, *(ulong*)(p0 + i));
            c1 = BitOperations.Crc32C(c1, *(ulong*)(p1 + i));
            c2 = BitOperations.Crc32C(c2, *(ulong*)(p2 + i));
            c3 = BitOperations.Crc32C(c3, *(ulong*)(p3 + i));
        }

        // Copies hold what the first holds.
        (running[i3], running[i2], running[i1], running[i0]) = (c3, c2, c1, c0);
    }
}
