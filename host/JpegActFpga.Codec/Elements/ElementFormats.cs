using System.Runtime.CompilerServices;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Elements;

/// <summary>How one element type is read and written; a struct type argument, so that the JIT makes a loop of its own for each.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal interface IElementFormat<TBits>
    where TBits : unmanaged
{
    static abstract float Widen(TBits bits);

    static abstract TBits Narrow(float value);
}

internal readonly struct Float32Format : IElementFormat<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(float bits) => bits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Narrow(float value) => value;
}

internal readonly struct Float16Format : IElementFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => ElementConversion.Float16ToSingle(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow(float value) => ElementConversion.SingleToFloat16(value);
}

internal readonly struct BFloat16Format : IElementFormat<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Widen(ushort bits) => ElementConversion.BFloat16ToSingle(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Narrow(float value) => ElementConversion.SingleToBFloat16(value);
}
