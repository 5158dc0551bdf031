using System.Runtime.InteropServices;
using System.Text;

namespace JpegActFpga.Benchmarks.Overhead;

/// <summary>The C++ program, tests/HostOverhead: a library, so that both sides share one process, card and copy of XRT.</summary>
internal sealed unsafe class NativeHost : IOverheadHost
{
    private readonly nint _library;
    private readonly delegate* unmanaged[Cdecl]<nint, OverheadOperation, int, long> _measure;
    private readonly nint _session;

    /// <summary>Opens the card.</summary>
    /// <param name="library">Path of the library.</param>
    /// <param name="xclbin">Path of the xclbin with the copy kernel.</param>
    /// <param name="bytes">Bytes of each buffer.</param>
    /// <param name="kind">Whose interface it uses.</param>
    /// <exception cref="InvalidOperationException">The library is missing, or XRT refused.</exception>
    internal NativeHost(string library, string xclbin, int bytes, OverheadInterface kind)
    {
        _library = NativeLibrary.Load(library);
        _measure = (delegate* unmanaged[Cdecl]<nint, OverheadOperation, int, long>)NativeLibrary.GetExport(_library, "overhead_measure");
        var open = (delegate* unmanaged[Cdecl]<byte*, nuint, OverheadInterface, byte*, nuint, nint>)NativeLibrary.GetExport(_library, "overhead_open");
        byte* reason = stackalloc byte[256];
        fixed (byte* path = Encoding.UTF8.GetBytes(xclbin + '\0'))
        {
            _session = open(path, (nuint)bytes, kind, reason, 256);
        }

        if (_session == 0)
        {
            throw new InvalidOperationException($"The {kind} side cannot open the card: {Marshal.PtrToStringUTF8((nint)reason)}");
        }
    }

    /// <inheritdoc/>
    public long Measure(OverheadOperation operation, int repetitions)
    {
        long nanoseconds = _measure(_session, operation, repetitions);
        return nanoseconds >= 0 ? nanoseconds : throw new InvalidOperationException($"The C++ side failed at {operation}.");
    }

    /// <inheritdoc/>
    public void Dispose() => ((delegate* unmanaged[Cdecl]<nint, void>)NativeLibrary.GetExport(_library, "overhead_close"))(_session);
}
