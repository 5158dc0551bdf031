using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// An open card. Safe from any thread. What was opened on it keeps it open, so it may be disposed of in any order with
/// its kernels and buffers.
/// </summary>
public sealed class XrtDevice : IDisposable
{
    private const int UuidBytes = 16;

    private XrtDevice(int index, SafeXrtDeviceHandle handle)
    {
        Index = index;
        Handle = handle;
    }

    /// <summary>Gets the index with which the card was opened.</summary>
    public int Index { get; }

    /// <summary>Gets the native handle.</summary>
    internal SafeXrtDeviceHandle Handle { get; }

    /// <summary>Opens a card.</summary>
    /// <param name="index">0 for the first card.</param>
    /// <returns>The card, to be disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    /// <exception cref="XrtNotAvailableException">XRT cannot be used on this machine.</exception>
    /// <exception cref="XrtException">There is no such card, or it does not answer.</exception>
    /// <exception cref="XrtStuckException">A call on the card was left behind and has not returned yet.</exception>
    public static XrtDevice Open(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        XrtRuntime.EnsureAvailable();
        StuckCalls.Refuse(index);
        return new XrtDevice(index, SafeXrtDeviceHandle.Open((uint)index));
    }

    /// <summary>
    /// Opens a card and loads an xclbin, for a process that does so again and again. A device that was opened so and closed
    /// stays open inside this process and is taken again, because XRT 2.13 keeps a thread and tables for every device object
    /// that it ever made; where its card has gone since, it is closed and a new one is opened.
    /// </summary>
    /// <param name="index">0 for the first card.</param>
    /// <param name="path">Path of the xclbin.</param>
    /// <param name="xclbin">The xclbin's UUID, for <see cref="XrtKernel.Open"/>.</param>
    /// <returns>The card, to be disposed of.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a whole xclbin.</exception>
    /// <exception cref="XrtNotAvailableException">XRT cannot be used on this machine.</exception>
    /// <exception cref="XrtException">There is no such card, or it does not take the xclbin: the next call begins with a new device.</exception>
    /// <exception cref="XrtStuckException">A call on the card was left behind and has not returned yet.</exception>
    public static XrtDevice OpenKept(int index, string path, out Guid xclbin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        XrtRuntime.EnsureAvailable();
        StuckCalls.Refuse(index);
        while (SafeXrtDeviceHandle.TakeKept(index) is { } kept)
        {
            try
            {
                return Loaded(kept, path, out xclbin);
            }
            catch (XrtException error) when (error.DeviceLost)
            {
                // The card that it was opened on has gone; there may be one again.
            }
        }

        return Loaded(SafeXrtDeviceHandle.Open((uint)index, keep: true), path, out xclbin);
    }

    /// <summary>
    /// Counts the cards. XRT's C API cannot enumerate, so cards are opened and closed from index 0 until one fails: a card
    /// that does not answer hides those after it.
    /// </summary>
    /// <param name="bound">Where to stop, 1 to 256.</param>
    /// <returns>The number of cards, 0 to <paramref name="bound"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is out of range.</exception>
    /// <exception cref="XrtNotAvailableException">XRT cannot be used on this machine.</exception>
    public static int Count(int bound = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bound, 256);
        XrtRuntime.EnsureAvailable();
        for (int index = 0; index < bound; index++)
        {
            if (!IsThere(index))
            {
                return index;
            }
        }

        return bound;
    }

    /// <summary>Tells whether there is a card, by opening and closing it.</summary>
    /// <param name="index">0 for the first card.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    /// <exception cref="XrtNotAvailableException">XRT cannot be used on this machine.</exception>
    public static bool IsThere(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        XrtRuntime.EnsureAvailable();
        using SafeXrtDeviceHandle? device = SafeXrtDeviceHandle.TryOpen((uint)index, out _);
        return device is not null;
    }

    /// <summary>
    /// Loads an xclbin onto the card. Where the card already holds it this is quick, but not superfluous: kernels can be
    /// opened only on an object that it was called on.
    /// </summary>
    /// <param name="path">Path of the xclbin.</param>
    /// <returns>The xclbin's UUID, for <see cref="XrtKernel.Open"/>.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is not a whole xclbin.</exception>
    /// <exception cref="XrtException">The card refused it: it is for another platform, or kernels of another xclbin are still open (EBUSY).</exception>
    /// <exception cref="ObjectDisposedException">The card is closed.</exception>
    public Guid LoadXclbin(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        XclbinHeader.Check(path);
        Handle.LoadXclbin(path, Index);
        return GetXclbinId() ?? throw new XrtException("xrtDeviceGetXclbinUUID", 0, $"'{path}' was loaded but the card tells no UUID");
    }

    /// <summary>Gives the UUID of the xclbin that was loaded through this process.</summary>
    /// <returns>The UUID, null where none is loaded.</returns>
    /// <exception cref="XrtException">XRT refused.</exception>
    /// <exception cref="ObjectDisposedException">The card is closed.</exception>
    public unsafe Guid? GetXclbinId()
    {
        byte* uuid = stackalloc byte[UuidBytes];
        int result = Interop.Xrt.DeviceGetXclbinUuid(Handle, uuid);
        int errorNumber = Marshal.GetLastPInvokeError();
        if (result != 0)
        {
            throw new XrtException("xrtDeviceGetXclbinUUID", errorNumber);
        }

        Guid id = new(new ReadOnlySpan<byte>(uuid, UuidBytes), bigEndian: true);
        return id == Guid.Empty ? null : id;
    }

    /// <summary>Has the device closed with its last user in place of being kept for <see cref="OpenKept"/>: something is wrong with it.</summary>
    public void DoNotKeep() => Handle.DoNotKeep();

    /// <summary>Closes the card when the last object opened on it is closed.</summary>
    public void Dispose() => Handle.Dispose();

    private static XrtDevice Loaded(SafeXrtDeviceHandle handle, string path, out Guid xclbin)
    {
        XrtDevice device = new(handle.Index, handle);
        try
        {
            xclbin = device.LoadXclbin(path);
            return device;
        }
        catch (Exception error)
        {
            if (error is XrtException)
            {
                handle.DoNotKeep();
            }

            device.Dispose();
            throw;
        }
    }
}
