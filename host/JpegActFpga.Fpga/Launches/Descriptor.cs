using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Launches;

/// <summary>What a launch is told about one part of a tensor: 16 u64, laid out by docs/kernels.md.</summary>
internal ref struct Descriptor
{
    private const int Words64 = KernelInterface.DescriptorBytes / sizeof(ulong);

    /// <summary>Flag of decode: clamp below at 0.</summary>
    internal const uint NonNegative = 1;

    /// <summary>Flag of encode: the values follow those of the descriptor before.</summary>
    internal const uint Append = 2;

    /// <summary>Flag of maximum: derive the scales as well.</summary>
    internal const uint WriteScales = 4;

    private readonly Span<ulong> _words;

    /// <summary>Initializes a new instance of the <see cref="Descriptor"/> struct in its place in a buffer.</summary>
    /// <param name="buffer">The launch's descriptors.</param>
    /// <param name="index">Index of this one.</param>
    internal Descriptor(NativeSpan<byte> buffer, int index)
    {
        _words = buffer.Slice((long)index * KernelInterface.DescriptorBytes, KernelInterface.DescriptorBytes).Cast<ulong>().AsSpan(0, Words64);
        _words.Clear();
    }

    /// <summary>Sets the first word in <c>data</c>.</summary>
    internal readonly long DataWord
    {
        set => _words[5] = (ulong)value;
    }

    /// <summary>Sets the first word in <c>masks</c>.</summary>
    internal readonly long MasksWord
    {
        set => _words[7] = (ulong)value;
    }

    /// <summary>Sets the first word in <c>values</c>. For an encoder that appends, which ignores it, the launch's ticket.</summary>
    internal readonly long ValuesWord
    {
        set => _words[8] = (ulong)value;
    }

    /// <summary>Sets the value bytes given (decode) or allowed (encode).</summary>
    internal readonly long ValueBytes
    {
        set => _words[9] = (ulong)value;
    }

    /// <summary>Sets the first word in <c>tile_offsets</c> (encode). For other kernels, which ignore it, the launch's ticket.</summary>
    internal readonly long TileOffsetsWord
    {
        set => _words[10] = (ulong)value;
    }

    /// <summary>Sets the full scale (maximum).</summary>
    internal readonly float FullScale
    {
        set => _words[11] = BitConverter.SingleToUInt32Bits(value);
    }

    /// <summary>Sets what is done to how many blocks.</summary>
    internal readonly void SetWork(CodecMethod method, CardElement element, QuantiserRounding rounding, uint flags, int blockCount) =>
        _words[0] = (uint)method | ((uint)element << 8) | ((uint)rounding << 16) | (flags << 24) | ((ulong)(uint)blockCount << 32);

    /// <summary>Sets how the scales run, and where they lie.</summary>
    internal readonly void SetScales(TensorPart part, long count, long first, long word)
    {
        _words[1] = part.BlocksPerRow | ((ulong)part.FirstColumn << 32);
        _words[2] = (ulong)part.PositionsPerScale;
        _words[3] = (ulong)part.FirstPosition;
        _words[4] = (uint)count | ((ulong)first << 32);
        _words[6] = (ulong)word;
    }

    /// <summary>Sets the quantiser's shifts (jpeg-act).</summary>
    internal readonly void SetShifts(ReadOnlySpan<byte> shifts)
    {
        for (int i = 0; i < shifts.Length; i++)
        {
            _words[12 + (i / 16)] |= (ulong)shifts[i] << (4 * (i % 16));
        }
    }

    /// <summary>Gives the sum of the words, as the result reports it.</summary>
    internal readonly ulong Sum()
    {
        ulong sum = 0;
        foreach (ulong word in _words)
        {
            sum += word;
        }

        return sum;
    }
}
