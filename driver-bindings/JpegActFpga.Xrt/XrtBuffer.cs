using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// A buffer on a card, with its view in host memory. Safe from any thread, and transfers may overlap: on a real card two
/// at a time on large buffers are needed for full speed. The caller keeps transfers, runs and accesses to the same bytes
/// apart. A buffer that is bound to a run stays open until the run is closed or bound to another.
/// </summary>
public sealed unsafe class XrtBuffer : IDisposable
{
    private readonly SafeXrtBufferHandle _handle;
    private readonly byte* _memory;

    private XrtBuffer(SafeXrtBufferHandle handle, long length, int bank, XrtBufferKind kind, byte* memory)
    {
        _handle = handle;
        _memory = memory;
        Length = length;
        Bank = bank;
        Kind = kind;
    }

    /// <summary>Gets the size in bytes.</summary>
    public long Length { get; }

    /// <summary>Gets the memory bank (memory group) in which the buffer was allocated.</summary>
    public int Bank { get; }

    /// <summary>Gets where the memory lies.</summary>
    public XrtBufferKind Kind { get; }

    /// <summary>
    /// Gets the host address, 4096-byte aligned, <see cref="Length"/> bytes. Valid until the buffer is closed: using it
    /// later corrupts memory.
    /// </summary>
    /// <exception cref="InvalidOperationException">The buffer is <see cref="XrtBufferKind.DeviceOnly"/>.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    public byte* HostMemory
    {
        get
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return _memory is null ? throw new InvalidOperationException("A device-only buffer has no host address.") : _memory;
        }
    }

    /// <summary>Gets the address in the card's memory.</summary>
    /// <exception cref="XrtException">XRT refused.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    public ulong Address
    {
        get
        {
            ulong address = Interop.Xrt.BufferAddress(_handle);
            int errorNumber = Marshal.GetLastPInvokeError();
            return address is ulong.MaxValue or long.MaxValue ? throw new XrtException("xrtBOAddress", errorNumber) : address;
        }
    }

    /// <summary>Gets the native handle.</summary>
    internal SafeXrtBufferHandle Handle => _handle;

    /// <summary>Allocates a buffer whose host memory is XRT's. Its bytes, on the host and on the card, are undefined.</summary>
    /// <param name="device">An open card with an xclbin loaded.</param>
    /// <param name="byteCount">Size in bytes, at least 1.</param>
    /// <param name="bank">What <see cref="XrtKernel.GetBank"/> gave.</param>
    /// <param name="kind">Where the memory lies.</param>
    /// <returns>The buffer, to be disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="byteCount"/> or <paramref name="bank"/> is out of range.</exception>
    /// <exception cref="XrtException">XRT refused: the bank is full (ENOMEM), or there is no such bank.</exception>
    /// <exception cref="ObjectDisposedException">The card is closed.</exception>
    public static XrtBuffer Allocate(XrtDevice device, long byteCount, int bank, XrtBufferKind kind = XrtBufferKind.Normal)
    {
        CheckAllocation(device, byteCount, bank);
        SafeXrtBufferHandle handle = SafeXrtBufferHandle.Allocate(device.Handle, byteCount, (ulong)kind, bank);
        if (kind == XrtBufferKind.DeviceOnly)
        {
            return new XrtBuffer(handle, byteCount, bank, kind, null);
        }

        byte* memory = (byte*)Interop.Xrt.BufferMap(handle);
        int errorNumber = Marshal.GetLastPInvokeError();
        if (memory is null)
        {
            handle.Dispose();
            throw new XrtException("xrtBOMap", errorNumber, string.Create(CultureInfo.InvariantCulture, $"{byteCount} bytes in memory bank {bank}"));
        }

        return new XrtBuffer(handle, byteCount, bank, kind, memory);
    }

    /// <summary>
    /// Allocates a buffer over page-aligned host memory that the buffer owns: what AMD's own tests reach full speed with.
    /// The host's bytes are zero, the card's undefined.
    /// </summary>
    /// <param name="device">An open card with an xclbin loaded.</param>
    /// <param name="byteCount">Size in bytes, at least 1.</param>
    /// <param name="bank">What <see cref="XrtKernel.GetBank"/> gave.</param>
    /// <returns>The buffer, to be disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="byteCount"/> or <paramref name="bank"/> is out of range.</exception>
    /// <exception cref="XrtException">XRT refused: the bank is full (ENOMEM), or there is no such bank.</exception>
    /// <exception cref="ObjectDisposedException">The card is closed.</exception>
    public static XrtBuffer AllocateUserPointer(XrtDevice device, long byteCount, int bank)
    {
        CheckAllocation(device, byteCount, bank);
        SafeXrtBufferHandle handle = SafeXrtBufferHandle.AllocateUserPointer(device.Handle, byteCount, bank, out byte* memory);
        return new XrtBuffer(handle, byteCount, bank, XrtBufferKind.Normal, memory);
    }

    /// <summary>Gives a part of the host view. Valid until the buffer is closed.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="byteCount">Bytes.</param>
    /// <returns>The part.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the buffer.</exception>
    /// <exception cref="InvalidOperationException">The buffer is <see cref="XrtBufferKind.DeviceOnly"/>.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    public Span<byte> AsSpan(long offset, int byteCount)
    {
        CheckRange(offset, byteCount);
        return new Span<byte>(HostMemory + offset, byteCount);
    }

    /// <summary>Transfers the whole buffer and waits for it.</summary>
    /// <param name="direction">Direction.</param>
    /// <exception cref="XrtException">The transfer failed; the bytes at its target are undefined.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Sync(XrtSyncDirection direction) => Sync(direction, 0, Length);

    /// <summary>Transfers a part of the buffer and waits for it. Allocates nothing.</summary>
    /// <param name="direction">Direction.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="byteCount">Bytes; 0 transfers nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie in the buffer; nothing was transferred.</exception>
    /// <exception cref="XrtException">The transfer failed; the bytes at its target are undefined.</exception>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Sync(XrtSyncDirection direction, long offset, long byteCount)
    {
        if (direction is not (XrtSyncDirection.ToDevice or XrtSyncDirection.FromDevice))
        {
            ThrowNoDirection(direction);
        }

        CheckRange(offset, byteCount);
        if (byteCount == 0)
        {
            return;
        }

        int errorNumber = _handle.Sync((int)direction, (nuint)byteCount, (nuint)offset);
        if (errorNumber >= 0)
        {
            ThrowSyncFailure(direction, offset, byteCount, errorNumber);
        }
    }

    /// <summary>Frees the buffer, or marks it to be freed when the last run bound to it lets go of it.</summary>
    public void Dispose() => _handle.Dispose();

    [DoesNotReturn]
    private static void ThrowNoDirection(XrtSyncDirection direction)
        => throw new ArgumentOutOfRangeException(nameof(direction), direction, "Not a direction.");

    [DoesNotReturn]
    private void ThrowSyncFailure(XrtSyncDirection direction, long offset, long byteCount, int errorNumber)
        => throw new XrtException("xrtBOSync", errorNumber, string.Create(CultureInfo.InvariantCulture, $"{direction}, {byteCount} bytes at {offset} of {Length} in memory bank {Bank}"));

    private static void CheckAllocation(XrtDevice device, long byteCount, int bank)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(bank);
    }

    private void CheckRange(long offset, long byteCount)
    {
        // As unsigned numbers, so that what is below zero is too large.
        if ((ulong)offset > (ulong)Length || (ulong)byteCount > (ulong)(Length - offset))
        {
            ThrowOutside(offset, byteCount);
        }
    }

    [DoesNotReturn]
    private void ThrowOutside(long offset, long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        throw new ArgumentOutOfRangeException(nameof(byteCount), byteCount, $"Only {Length - offset} of {Length} bytes lie behind offset {offset}.");
    }
}
