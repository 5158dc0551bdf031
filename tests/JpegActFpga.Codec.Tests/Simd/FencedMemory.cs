using System.Runtime.InteropServices;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>Memory between two pages that no one may touch: a read outside it ends the process, not only a write.</summary>
internal sealed unsafe partial class FencedMemory : IDisposable
{
    private const int ProtectionNone = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _mapping;
    private readonly nuint _whole;

    /// <param name="bytes">Usable bytes.</param>
    /// <param name="atEnd">True: they end where the upper fence begins, as far as <paramref name="alignment"/> lets them; false: they begin where the lower one ends.</param>
    /// <param name="alignment">Alignment of the first byte.</param>
    internal FencedMemory(long bytes, bool atEnd, int alignment)
    {
        long page = Environment.SystemPageSize;
        long inner = Math.Max(page, (bytes + page - 1) / page * page);
        _whole = (nuint)(inner + (2 * page));
        void* mapping = Map(null, _whole, ProtectionNone, PrivateAnonymous, -1, 0);
        if (mapping == (void*)-1)
        {
            throw new InvalidOperationException($"mmap of {_whole} bytes failed: error {Marshal.GetLastPInvokeError()}.");
        }

        _mapping = (byte*)mapping;
        if (Protect(_mapping + page, (nuint)inner, ReadWrite) != 0)
        {
            throw new InvalidOperationException($"mprotect failed: error {Marshal.GetLastPInvokeError()}.");
        }

        long offset = atEnd ? (inner - bytes) / alignment * alignment : 0;
        new Span<byte>(_mapping + page, (int)inner).Fill(0xa7);
        Bytes = new NativeSpan<byte>(_mapping + page + offset, bytes);
    }

    internal NativeSpan<byte> Bytes { get; }

    public void Dispose() => _ = Unmap(_mapping, _whole);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Unmap(void* address, nuint length);
}
