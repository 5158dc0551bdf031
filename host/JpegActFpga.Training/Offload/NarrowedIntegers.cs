using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Core.Memory;
using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// Integers of a contiguous tensor in host memory, kept in the narrowest of uint8, uint16 and int32 that holds all of them.
/// </summary>
internal sealed class NarrowedIntegers : INarrowed
{
    private readonly NativeBuffer _values;
    private readonly int _width;
    private readonly long[] _shape;
    private readonly long _count;

    private NarrowedIntegers(NativeBuffer values, int width, long[] shape, long count)
    {
        (_values, _width, _shape, _count) = (values, width, shape, count);
    }

    /// <inheritdoc/>
    public long Bytes => _values.ByteLength;

    /// <summary>Narrows a copy of the tensor; null when a value needs all 64 bits.</summary>
    public static NarrowedIntegers? TryNarrow(torch.Tensor tensor, IReadOnlyList<long> shape, long count)
    {
        NativeSpan<long> source = TensorMemory.Bytes(tensor, count * sizeof(long)).Cast<long>();
        (long least, long most) = Range(source);
        int width = (least, most) switch
        {
            ( >= 0, <= byte.MaxValue) => sizeof(byte),
            ( >= 0, <= ushort.MaxValue) => sizeof(ushort),
            ( >= int.MinValue, <= int.MaxValue) => sizeof(int),
            _ => 0,
        };
        if (width == 0)
        {
            return null;
        }

        NativeBuffer values = new(count * width, NativeBuffer.LineBytes);
        switch (width)
        {
            case sizeof(byte): Convert(source, values.Bytes); break;
            case sizeof(ushort): Convert(source, values.Bytes.Cast<ushort>()); break;
            default: Convert(source, values.Bytes.Cast<int>()); break;
        }

        GC.KeepAlive(tensor);
        return new NarrowedIntegers(values, width, [.. shape], count);
    }

    /// <inheritdoc/>
    public torch.Tensor Widen()
    {
        torch.Tensor tensor = torch.empty(_shape, dtype: torch.int64);
        NativeSpan<long> target = TensorMemory.Bytes(tensor, _count * sizeof(long)).Cast<long>();
        switch (_width)
        {
            case sizeof(byte): Convert(_values.Bytes, target); break;
            case sizeof(ushort): Convert(_values.Bytes.Cast<ushort>(), target); break;
            default: Convert(_values.Bytes.Cast<int>(), target); break;
        }

        GC.KeepAlive(tensor);
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe (long Least, long Most) Range(NativeSpan<long> values)
    {
        long least = long.MaxValue;
        long most = long.MinValue;
        long* value = values.Pointer;
        for (long i = 0; i < values.Length; i++)
        {
            least = Math.Min(least, value[i]);
            most = Math.Max(most, value[i]);
        }

        return (least, most);
    }

    /// <summary>Converts values that the target type is known to hold; both spans have the same length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Convert<TFrom, TTo>(NativeSpan<TFrom> from, NativeSpan<TTo> to)
        where TFrom : unmanaged, IBinaryInteger<TFrom>
        where TTo : unmanaged, IBinaryInteger<TTo>
    {
        TFrom* source = from.Pointer;
        TTo* target = to.Pointer;
        for (long i = 0; i < from.Length; i++)
        {
            target[i] = TTo.CreateTruncating(source[i]);
        }
    }
}
