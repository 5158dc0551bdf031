using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using JpegActFpga.Codec.Tests.IndependentModel;

namespace JpegActFpga.Codec.Tests.FrameRefusal;

/// <summary>Headers that announce more than any machine holds: refused at once, with no memory taken and no arithmetic overflowing.</summary>
public class HostileHeaderTests
{
    private static readonly ulong[][] Shapes =
    [
        // The most elements that a shape may have, one more, and the paddings that make most of them.
        [1UL << 58],
        [(1UL << 58) + 1],
        [1UL << 58, 1],
        [1, 1, 1UL << 58, 1],
        [(1UL << 58) - 1, 1, 1, 1],
        [0, 1UL << 58, 1, 1],
        [1UL << 60],
        [(1UL << 60) - 1],
        [(1UL << 60) + 1],
        [1UL << 61],
        [1UL << 63],
        [ulong.MaxValue],
        [long.MaxValue],
        [1, 1UL << 60],
        [1UL << 60, 1],
        [1UL << 30, 1UL << 30],
        [1UL << 32, 1UL << 32],
        [1UL << 31, 1UL << 31, 1UL << 31, 1UL << 31],
        [1UL << 60, 1, 1, 1],
        [1, 1UL << 60, 1, 1],
        [1, 1, 1UL << 60, 1],
        [1, 1, 1, 1UL << 60],
        [1UL << 20, 1UL << 20, 1UL << 20, 1],
        [1UL << 20, 1UL << 20, 1UL << 10, 1UL << 10],
        [0, 1UL << 60],
        [0, 1UL << 60, 1, 1],
        [1UL << 30, 1UL << 30, 0, 1],
        [1UL << 40, 1UL << 40, 0, 1],
        [1UL << 40, 0, 1UL << 40, 1],
        [0, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue],
        [3, 1UL << 58, 1],
        [.. Enumerable.Repeat(2UL, 64)],
        [.. Enumerable.Repeat(2UL, 60)],
        [.. Enumerable.Repeat(1UL, 63), 1UL << 60],
        [1UL << 60, .. Enumerable.Repeat(1UL, 63)],
        [.. Enumerable.Repeat(ulong.MaxValue, 64)],
    ];

    public static TheoryData<int> ShapeIndexes => [.. Enumerable.Range(0, Shapes.Length)];

    [Theory]
    [MemberData(nameof(ShapeIndexes))]
    public void A_shape_that_no_frame_of_this_size_can_have_is_refused(int shape)
    {
        for (int method = 0; method <= 4; method++)
        {
            for (int type = 1; type <= 3; type++)
            {
                foreach (Counts counts in Enum.GetValues<Counts>())
                {
                    byte[] frame = Forge(Shapes[shape], method, type, counts, valueBytes: 0);
                    string what = string.Create(CultureInfo.InvariantCulture, $"[{string.Join(", ", Shapes[shape])}], method {method}, type {type}, {counts}");
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    var clock = Stopwatch.StartNew();
                    FrameSurgery.DemandRefused(frame, what);
                    Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{what} took {clock.Elapsed}."); // work of the claimed size takes hours
                    Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
                }
            }
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(1UL << 60)]
    [InlineData(long.MaxValue - 1000UL)]
    [InlineData((ulong)long.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(ulong.MaxValue)]
    public void Value_bytes_near_every_limit_are_refused(ulong valueBytes)
    {
        foreach (ulong[] shape in Shapes)
        {
            for (int method = 0; method <= 4; method++)
            {
                FrameSurgery.DemandRefused(Forge(shape, method, 1, Counts.Right, valueBytes), $"method {method}, {valueBytes} value bytes");
            }
        }
    }

    private enum Counts
    {
        /// <summary>What shape and method give, modulo 2^64.</summary>
        Right,

        /// <summary>Zeros, as if the tensor were empty.</summary>
        Zero,

        /// <summary>The largest numbers.</summary>
        Largest,
    }

    /// <summary>A 4 KiB file whose header is consistent and whose header checksum is right for every end the file has room for.</summary>
    private static byte[] Forge(ulong[] shape, int method, int type, Counts counts, ulong valueBytes)
    {
        var frame = new byte[4096];
        "JAC1"u8.CopyTo(frame);
        bool hasScales = method is 1 or 2 or 3;
        frame[4] = 1;
        frame[6] = (byte)type;
        frame[7] = (byte)method;
        frame[9] = (byte)(hasScales ? 2 : 0);
        frame[11] = (byte)shape.Length;
        BinaryPrimitives.WriteSingleLittleEndian(frame.AsSpan(12), hasScales ? 1.125f : 0f);

        (BigInteger n, BigInteger c, BigInteger h, BigInteger w) = View(shape);
        BigInteger elements = n * c * h * w;
        BigInteger blocks = elements.IsZero ? 0 : method == 1 ? Ceil(n * c * h, 8) * Ceil(w, 8) : Ceil(elements, 64);
        BigInteger[] right = [elements, blocks, Ceil(blocks, 64), hasScales ? n * c : 0];
        for (int i = 0; i < right.Length; i++)
        {
            ulong count = counts switch
            {
                Counts.Right => (ulong)(right[i] & ulong.MaxValue),
                Counts.Zero => 0,
                _ => ulong.MaxValue,
            };
            BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(16 + (8 * i)), count);
        }

        BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(48), valueBytes);
        for (int i = 0; i < shape.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(frame.AsSpan(128 + (8 * i)), shape[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(56), ModelCrc32C.Of(frame));
        return frame;
    }

    private static (BigInteger N, BigInteger C, BigInteger H, BigInteger W) View(ulong[] shape) => shape.Length switch
    {
        1 => (1, 1, 1, shape[0]),
        2 => (1, 1, shape[0], shape[1]),
        3 => (shape[0], shape[1], 1, shape[2]),
        _ => (shape[0], shape[1], shape[2..^1].Aggregate(BigInteger.One, (product, size) => product * size), shape[^1]),
    };

    private static BigInteger Ceil(BigInteger value, int divisor) => (value + divisor - 1) / divisor;
}
