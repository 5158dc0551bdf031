using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Elements;

/// <summary>Largest magnitude of a run of sign-magnitude numbers, by integer maxima alone, which do not depend on the order.</summary>
/// <remarks>The largest raw pattern exceeds the sign bit exactly if an element is below zero: -0.0 is the sign bit alone.</remarks>
internal static unsafe class MagnitudeScan
{
    /// <summary>Scans 32-bit patterns.</summary>
    /// <returns>The largest pattern without sign.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Run(uint* from, long count, bool wide, ref Vector256<uint> seen)
    {
        uint magnitude = 0;
        uint raw = 0;
        if (wide && count >= Vector512<uint>.Count)
        {
            // Four accumulators hide the latency; the last vector overlaps what was seen, which a maximum does not mind.
            Vector512<uint> mask = Vector512.Create(0x7fffffffu);
            Vector512<uint> m0 = Vector512<uint>.Zero, m1 = m0, r0 = m0, r1 = m0;
            uint* last = from + count - Vector512<uint>.Count;
            for (; from <= last - Vector512<uint>.Count; from += 2 * Vector512<uint>.Count)
            {
                Vector512<uint> a = Vector512.Load(from);
                Vector512<uint> b = Vector512.Load(from + Vector512<uint>.Count);
                m0 = Vector512.Max(m0, a & mask);
                r0 = Vector512.Max(r0, a);
                m1 = Vector512.Max(m1, b & mask);
                r1 = Vector512.Max(r1, b);
            }

            Vector512<uint> end = Vector512.Load(last);
            if (from <= last)
            {
                m1 = Vector512.Max(m1, Vector512.Load(from) & mask);
                r1 = Vector512.Max(r1, Vector512.Load(from));
            }

            m0 = Vector512.Max(Vector512.Max(m0, m1), end & mask);
            r0 = Vector512.Max(Vector512.Max(r0, r1), end);
            seen = Vector256.Max(seen, Vector256.Max(r0.GetLower(), r0.GetUpper()));
            return Largest(Vector256.Max(m0.GetLower(), m0.GetUpper()));
        }

        if (count >= Vector256<uint>.Count)
        {
            Vector256<uint> mask = Vector256.Create(0x7fffffffu);
            Vector256<uint> m0 = Vector256<uint>.Zero, m1 = m0, r0 = m0, r1 = m0;
            uint* last = from + count - Vector256<uint>.Count;
            for (; from <= last - Vector256<uint>.Count; from += 2 * Vector256<uint>.Count)
            {
                Vector256<uint> a = Vector256.Load(from);
                Vector256<uint> b = Vector256.Load(from + Vector256<uint>.Count);
                m0 = Vector256.Max(m0, a & mask);
                r0 = Vector256.Max(r0, a);
                m1 = Vector256.Max(m1, b & mask);
                r1 = Vector256.Max(r1, b);
            }

            Vector256<uint> end = Vector256.Load(last);
            if (from <= last)
            {
                m1 = Vector256.Max(m1, Vector256.Load(from) & mask);
                r1 = Vector256.Max(r1, Vector256.Load(from));
            }

            seen = Vector256.Max(seen, Vector256.Max(Vector256.Max(r0, r1), end));
            return Largest(Vector256.Max(Vector256.Max(m0, m1), end & mask));
        }

        for (long i = 0; i < count; i++)
        {
            magnitude = Math.Max(magnitude, from[i] & 0x7fffffffu);
            raw = Math.Max(raw, from[i]);
        }

        seen = Vector256.Max(seen, Vector256.CreateScalar(raw));
        return magnitude;
    }

    /// <summary>Scans 16-bit patterns.</summary>
    /// <returns>The largest pattern without sign.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ushort Run(ushort* from, long count, ref Vector256<uint> seen)
    {
        ushort magnitude = 0;
        ushort raw = 0;
        if (count >= Vector256<ushort>.Count)
        {
            Vector256<ushort> mask = Vector256.Create((ushort)0x7fff);
            Vector256<ushort> m = Vector256<ushort>.Zero, r = m;
            ushort* last = from + count - Vector256<ushort>.Count;
            for (; from < last; from += Vector256<ushort>.Count)
            {
                m = Vector256.Max(m, Vector256.Load(from) & mask);
                r = Vector256.Max(r, Vector256.Load(from));
            }

            m = Vector256.Max(m, Vector256.Load(last) & mask);
            r = Vector256.Max(r, Vector256.Load(last));
            seen = Vector256.Max(seen.AsUInt16(), r).AsUInt32();
            return Largest(m);
        }

        for (long i = 0; i < count; i++)
        {
            magnitude = Math.Max(magnitude, (ushort)(from[i] & 0x7fff));
            raw = Math.Max(raw, from[i]);
        }

        seen = Vector256.Max(seen.AsUInt16(), Vector256.CreateScalar(raw)).AsUInt32();
        return magnitude;
    }

    /// <summary>Tells whether a 32-bit pattern above the sign bit was seen.</summary>
    internal static bool AnyNegative(Vector256<uint> seen) => Vector256.GreaterThanAny(seen, Vector256.Create(0x80000000u));

    /// <summary>Tells whether a 16-bit pattern above the sign bit was seen.</summary>
    internal static bool AnyNegative(Vector256<ushort> seen) => Vector256.GreaterThanAny(seen, Vector256.Create((ushort)0x8000));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Largest(Vector256<uint> vector)
    {
        Vector128<uint> half = Vector128.Max(vector.GetLower(), vector.GetUpper());
        half = Vector128.Max(half, Vector128.Shuffle(half, Vector128.Create(2u, 3, 0, 1)));
        return Vector128.Max(half, Vector128.Shuffle(half, Vector128.Create(1u, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Largest(Vector256<ushort> vector)
    {
        Vector128<ushort> half = Vector128.Max(vector.GetLower(), vector.GetUpper());
        half = Vector128.Max(half, Vector128.Shuffle(half.AsUInt32(), Vector128.Create(2u, 3, 0, 1)).AsUInt16());
        half = Vector128.Max(half, Vector128.Shuffle(half.AsUInt32(), Vector128.Create(1u, 0, 3, 2)).AsUInt16());
        return Math.Max(half[0], half[1]);
    }
}
