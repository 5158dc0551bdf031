using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>An open device.</summary>
internal sealed class SafeXrtDeviceHandle : SafeXrtHandle
{
    private volatile bool _isKept;

    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Device;

    /// <summary>Gets the index with which the card was opened.</summary>
    internal int Index { get; private init; }

    /// <summary>Gives a device of a card that was kept, or null where none was.</summary>
    internal static SafeXrtDeviceHandle? TakeKept(int index)
    {
        SafeXrtDeviceHandle device = new() { Index = index, _isKept = true };
        nint native = KeptDevices.Take(index);
        if (native == 0)
        {
            return null;
        }

        device.Adopt(native);
        return device;
    }

    /// <summary>Opens a device, or gives null with errno where XRT refuses.</summary>
    internal static SafeXrtDeviceHandle? TryOpen(uint index, out int errorNumber, bool keep = false)
    {
        SafeXrtDeviceHandle device = new() { Index = (int)index, _isKept = keep };
        if (!CardTopology.TryChange(out CardTopology.Scope scope))
        {
            errorNumber = CardTopology.TimedOut;
            return null;
        }

        using (scope)
        {
            nint native = Interop.Xrt.DeviceOpen(index);
            errorNumber = Marshal.GetLastPInvokeError();
            if (native == 0)
            {
                return null;
            }

            device.Adopt(native);
            return device;
        }
    }

    /// <summary>Opens a device.</summary>
    /// <exception cref="XrtException">There is no such card, or it does not answer.</exception>
    internal static SafeXrtDeviceHandle Open(uint index, bool keep = false) => TryOpen(index, out int errorNumber, keep)
        ?? throw new XrtException("xrtDeviceOpen", errorNumber, string.Create(CultureInfo.InvariantCulture, $"card {index}"));

    /// <summary>Loads an xclbin.</summary>
    /// <exception cref="XrtException">The card refused it.</exception>
    /// <exception cref="ObjectDisposedException">The device is closed.</exception>
    internal void LoadXclbin(string path, int index)
    {
        bool referenced = false;
        try
        {
            DangerousAddRef(ref referenced);
            using (CardTopology.Change("xrtDeviceLoadXclbinFile"))
            {
                int result = Interop.Xrt.DeviceLoadXclbinFile(this, path);
                int errorNumber = Marshal.GetLastPInvokeError();
                if (result != 0)
                {
                    // Whatever is wrong with it, the next one to use the card is to begin with a new one.
                    _isKept = false;
                    throw new XrtException("xrtDeviceLoadXclbinFile", errorNumber, string.Create(CultureInfo.InvariantCulture, $"'{path}' on card {index}"));
                }
            }
        }
        finally
        {
            if (referenced)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Has the device closed with its last user: something is wrong with it.</summary>
    internal void DoNotKeep() => _isKept = false;

    /// <inheritdoc/>
    private protected override bool CloseNative()
    {
        if (_isKept && KeptDevices.TryKeep(Index, handle))
        {
            return true;
        }

        if (!CardTopology.TryChange(out CardTopology.Scope scope))
        {
            Leak();
            return false;
        }

        using (scope)
        {
            return Interop.Xrt.DeviceClose(handle) == 0;
        }
    }
}
