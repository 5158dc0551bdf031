using System.Runtime.Intrinsics;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Simd.ZeroValues;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Simd.Kernels;

/// <summary>One object for each instruction set and element type.</summary>
internal static class KernelTable
{
    internal static readonly TileKernels[,] Kernels = Make();

    private static TileKernels[,] Make()
    {
        var kernels = new TileKernels[(int)CodecIsa.Avx512 + 1, (int)ElementType.BFloat16 + 1];
        Fill<Lanes128, Vector128<short>, Vector128<int>, ZeroValuesTable>(kernels, CodecIsa.Vector128);
        Fill<Lanes256, Vector256<short>, Vector256<int>, ZeroValuesTable>(kernels, CodecIsa.Avx2);
        Fill<Lanes512, Vector512<short>, Vector512<int>, ZeroValues512>(kernels, CodecIsa.Avx512);
        return kernels;
    }

    private static void Fill<TLanes, TShort, TInt, TZeroValues>(TileKernels[,] kernels, CodecIsa isa)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TZeroValues : struct, IZeroValueLanes
    {
        kernels[(int)isa, (int)ElementType.Float32] = new TileKernelsOf<TLanes, TShort, TInt, TZeroValues, float, Float32Lanes>();
        kernels[(int)isa, (int)ElementType.Float16] = new TileKernelsOf<TLanes, TShort, TInt, TZeroValues, ushort, Float16Lanes>();
        kernels[(int)isa, (int)ElementType.BFloat16] = new TileKernelsOf<TLanes, TShort, TInt, TZeroValues, ushort, BFloat16Lanes>();
    }
}
