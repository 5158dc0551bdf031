using System.Runtime.InteropServices;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Other codecs, where Debian's packages are installed.</summary>
internal static unsafe partial class Peers
{
    internal const int JpegQuality = 80;
    internal const string JpegLibrary = "libturbojpeg.so.0";

    private const int Colours = 0;
    private const int BytesOfColours = 3;
    private const int Gray = 6;
    private const int GraySampling = 3;
    private const int NoReallocation = 1024;
    private const int FastDct = 2048;
    private const int MaxJpegRows = 65496;

    /// <summary>Tells whether a library can be loaded.</summary>
    internal static bool Has(string library) => NativeLibrary.TryLoad(library, out _);

    internal static long Lz4Bound(long bytes) => bytes + (bytes / 255) + 64;

    internal static int Lz4(byte* from, long bytes, byte* to, long room) => Positive(CompressLz4(from, to, checked((int)bytes), checked((int)room), 1), "LZ4_compress_fast");

    internal static void UnLz4(byte* from, int bytes, byte* to, long room) => Positive(ExpandLz4(from, to, bytes, checked((int)room)), "LZ4_decompress_safe");

    internal static long ZstdBound(long bytes) => bytes + (bytes / 128) + 4096;

    internal static nint NewZstd() => CreateZstd();

    internal static long Zstd(nint context, byte* from, long bytes, byte* to, long room)
    {
        nuint written = CompressZstd(context, to, (nuint)room, from, (nuint)bytes, 1);
        return IsZstdError(written) == 0 ? (long)written : throw new InvalidOperationException("ZSTD_compressCCtx failed.");
    }

    internal static void UnZstd(byte* from, long bytes, byte* to, long room)
    {
        if (IsZstdError(ExpandZstd(to, (nuint)room, from, (nuint)bytes)) != 0)
        {
            throw new InvalidOperationException("ZSTD_decompress failed.");
        }
    }

    /// <summary>Compresses a gray image of any height, in strips.</summary>
    /// <returns>Each strip's bytes and rows.</returns>
    internal static List<(byte[] Jpeg, int Rows)> JpegStrips(nint compressor, byte* image, int width, long rows)
    {
        var strips = new List<(byte[] Jpeg, int Rows)>();
        for (long row = 0; row < rows; row += MaxJpegRows)
        {
            int here = (int)Math.Min(MaxJpegRows, rows - row);
            var room = new byte[JpegBound(width, here, GraySampling)];
            fixed (byte* to = room)
            {
                byte* target = to;
                ulong size = (ulong)room.Length;
                Zero(CompressJpeg(compressor, image + (row * width), width, 0, here, Gray, &target, &size, GraySampling, JpegQuality, NoReallocation | FastDct), "tjCompress2");
                strips.Add((room[..(int)size], here));
            }
        }

        return strips;
    }

    /// <summary>Compresses again into memory made before, to time it.</summary>
    internal static void Jpeg(nint compressor, byte* image, int width, long rows, byte* room, ulong roomBytes)
    {
        for (long row = 0; row < rows; row += MaxJpegRows)
        {
            byte* target = room;
            ulong size = roomBytes;
            Zero(CompressJpeg(compressor, image + (row * width), width, 0, (int)Math.Min(MaxJpegRows, rows - row), Gray, &target, &size, GraySampling, JpegQuality, NoReallocation | FastDct), "tjCompress2");
        }
    }

    internal static void UnJpeg(nint expander, List<(byte[] Jpeg, int Rows)> strips, int width, byte* image)
    {
        foreach ((byte[] jpeg, int rows) in strips)
        {
            fixed (byte* from = jpeg)
            {
                Zero(ExpandJpeg(expander, from, (ulong)jpeg.Length, image, width, 0, rows, Gray, FastDct), "tjDecompress2");
            }

            image += (long)width * rows;
        }
    }

    /// <summary>Decodes a JPEG file to red, green and blue bytes.</summary>
    internal static (byte[] Pixels, int Width, int Height) DecodeColours(byte[] jpeg)
    {
        nint expander = CreateJpegExpander();
        try
        {
            fixed (byte* from = jpeg)
            {
                int width, height, sampling, colours;
                Zero(ReadJpegHeader(expander, from, (ulong)jpeg.Length, &width, &height, &sampling, &colours), "tjDecompressHeader3");
                var pixels = new byte[checked(width * height * BytesOfColours)];
                fixed (byte* to = pixels)
                {
                    Zero(ExpandJpeg(expander, from, (ulong)jpeg.Length, to, width, 0, height, Colours, 0), "tjDecompress2");
                }

                return (pixels, width, height);
            }
        }
        finally
        {
            Zero(DestroyJpeg(expander), "tjDestroy");
        }
    }

    internal static ulong JpegRoom(int width, long rows) => JpegBound(width, (int)Math.Min(MaxJpegRows, rows), GraySampling);

    internal static nint NewJpegCompressor() => CreateJpegCompressor();

    internal static nint NewJpegExpander() => CreateJpegExpander();

    private static int Positive(int result, string call) => result > 0 ? result : throw new InvalidOperationException($"{call} gave {result}.");

    private static void Zero(int result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} gave {result}.");
        }
    }

    [LibraryImport("liblz4.so.1", EntryPoint = "LZ4_compress_fast")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CompressLz4(byte* from, byte* to, int bytes, int room, int acceleration);

    [LibraryImport("liblz4.so.1", EntryPoint = "LZ4_decompress_safe")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ExpandLz4(byte* from, byte* to, int bytes, int room);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_createCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint CreateZstd();

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_compressCCtx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint CompressZstd(nint context, byte* to, nuint room, byte* from, nuint bytes, int level);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_decompress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nuint ExpandZstd(byte* to, nuint room, byte* from, nuint bytes);

    [LibraryImport("libzstd.so.1", EntryPoint = "ZSTD_isError")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint IsZstdError(nuint code);

    [LibraryImport(JpegLibrary, EntryPoint = "tjInitCompress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint CreateJpegCompressor();

    [LibraryImport(JpegLibrary, EntryPoint = "tjInitDecompress")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint CreateJpegExpander();

    [LibraryImport(JpegLibrary, EntryPoint = "tjDestroy")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int DestroyJpeg(nint handle);

    [LibraryImport(JpegLibrary, EntryPoint = "tjDecompressHeader3")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ReadJpegHeader(nint handle, byte* jpeg, ulong size, int* width, int* height, int* sampling, int* colours);

    [LibraryImport(JpegLibrary, EntryPoint = "tjBufSize")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial ulong JpegBound(int width, int height, int sampling);

    [LibraryImport(JpegLibrary, EntryPoint = "tjCompress2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CompressJpeg(nint handle, byte* image, int width, int pitch, int height, int format, byte** to, ulong* size, int sampling, int quality, int flags);

    [LibraryImport(JpegLibrary, EntryPoint = "tjDecompress2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ExpandJpeg(nint handle, byte* jpeg, ulong size, byte* image, int width, int pitch, int height, int format, int flags);
}
