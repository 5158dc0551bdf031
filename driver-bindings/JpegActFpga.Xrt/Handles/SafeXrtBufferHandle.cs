using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>A buffer object, with its host memory where that is ours.</summary>
internal sealed class SafeXrtBufferHandle : SafeXrtHandle
{
    /// <summary>Alignment of user pointers, in bytes: XRT pins whole pages.</summary>
    internal const int UserPointerAlignment = 4096;

    private readonly long _number = TransferMark.NextNumber();
    private nint _userMemory;
    private bool _isLeftToTransfers;

    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Buffer;

    /// <summary>Allocates a buffer with host memory of XRT's.</summary>
    /// <exception cref="XrtException">XRT refused: the bank is full, or there is no such bank.</exception>
    internal static SafeXrtBufferHandle Allocate(SafeXrtDeviceHandle device, long byteCount, ulong flags, int bank)
    {
        SafeXrtBufferHandle buffer = new();
        buffer.AttachTo(device);
        try
        {
            using (CardTopology.Use("xrtBOAlloc"))
            {
                nint native = Interop.Xrt.BufferAllocate(device, (nuint)byteCount, flags, (uint)bank);
                buffer.AdoptChecked(native, "xrtBOAlloc", Marshal.GetLastPInvokeError(), byteCount, bank);
            }

            return buffer;
        }
        catch
        {
            buffer.Detach();
            throw;
        }
    }

    /// <summary>Allocates a buffer over page-aligned, zeroed host memory that the handle owns.</summary>
    /// <param name="device">An open device.</param>
    /// <param name="byteCount">Size in bytes.</param>
    /// <param name="bank">Memory bank.</param>
    /// <param name="memory">The host memory.</param>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal static unsafe SafeXrtBufferHandle AllocateUserPointer(SafeXrtDeviceHandle device, long byteCount, int bank, out byte* memory)
    {
        SafeXrtBufferHandle buffer = new();
        buffer.AttachTo(device);
        memory = null;
        try
        {
            // Whole pages, because the driver pins whole pages and a neighbour must not be pinned with ours.
            nuint pages = ((nuint)byteCount + UserPointerAlignment - 1) & ~(nuint)(UserPointerAlignment - 1);
            memory = (byte*)NativeMemory.AlignedAlloc(pages, UserPointerAlignment);
            NativeMemory.Clear(memory, pages);
            buffer._userMemory = (nint)memory;
            using (CardTopology.Use("xrtBOAllocUserPtr"))
            {
                nint native = Interop.Xrt.BufferAllocateUserPointer(device, memory, (nuint)byteCount, 0, (uint)bank);
                buffer.AdoptChecked(native, "xrtBOAllocUserPtr", Marshal.GetLastPInvokeError(), byteCount, bank);
            }

            return buffer;
        }
        catch
        {
            NativeMemory.AlignedFree(memory);
            memory = null;
            buffer.Detach();
            throw;
        }
    }

    /// <summary>Has the buffer freed with its last reference again, after it was given up.</summary>
    internal void TakeBack() => Reclaim();

    /// <summary>Transfers a range.</summary>
    /// <returns>errno where it failed, 0 where XRT set none; -1 where it went well.</returns>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe int Sync(int direction, nuint byteCount, nuint offset)
    {
        // No try block: nothing between the mark and its end throws, and the JIT compiles a native call in place only outside of one.
        TransferMark.Mark* mark = TransferMark.Own;
        Volatile.Write(ref mark->Buffer, _number);
        if (IsClosed)
        {
            ThrowClosed(mark);
        }

        *mark->ErrorNumber = 0;
        int result = Interop.Xrt.BufferSync(handle, direction, byteCount, offset) == 0 ? -1 : *mark->ErrorNumber;
        Volatile.Write(ref mark->Buffer, 0);
        if (IsClosed)
        {
            FreeAfterTransfers();
        }

        return result;
    }

    /// <inheritdoc/>
    private protected override bool TryDefer() => TransferMark.TryLeaveToTransfers(_number, ref _isLeftToTransfers);

    /// <inheritdoc/>
    private protected override unsafe bool CloseNative()
    {
        bool freed = Interop.Xrt.BufferFree(handle) == 0;

        // Where XRT keeps the buffer, the card may still reach the memory under it.
        if (freed)
        {
            NativeMemory.AlignedFree((void*)_userMemory);
            _userMemory = 0;
        }

        return freed;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static XrtException Failure(string function, int errorNumber, long byteCount, int bank)
        => new(function, errorNumber, string.Create(CultureInfo.InvariantCulture, $"{byteCount} bytes in memory bank {bank}"));

    // The buffer was closed during a transfer of it: the last one frees it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FreeAfterTransfers()
    {
        if (TransferMark.TryTake(_number, ref _isLeftToTransfers))
        {
            _ = CloseAndDetach();
        }
    }

    [DoesNotReturn]
    private unsafe void ThrowClosed(TransferMark.Mark* mark)
    {
        // Whoever closed the buffer may have taken this for a transfer, and left it to be freed.
        Volatile.Write(ref mark->Buffer, 0);
        FreeAfterTransfers();
        throw new ObjectDisposedException(nameof(XrtBuffer));
    }

    private void AdoptChecked(nint native, string function, int errorNumber, long byteCount, int bank)
    {
        if (native == 0)
        {
            throw Failure(function, errorNumber, byteCount, bank);
        }

        Adopt(native);
    }
}
