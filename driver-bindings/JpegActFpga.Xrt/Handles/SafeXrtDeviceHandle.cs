using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>An open device.</summary>
internal sealed class SafeXrtDeviceHandle : SafeXrtHandle
{
    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Device;

    /// <summary>Gets the index with which the card was opened.</summary>
    internal int Index { get; private init; }

    /// <summary>Opens a device, or gives null with errno where XRT refuses.</summary>
    internal static SafeXrtDeviceHandle? TryOpen(uint index, out int errorNumber)
    {
        SafeXrtDeviceHandle device = new() { Index = (int)index };
        using (CardTopology.Change())
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
    internal static SafeXrtDeviceHandle Open(uint index) => TryOpen(index, out int errorNumber)
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
            using (CardTopology.Change())
            {
                int result = Interop.Xrt.DeviceLoadXclbinFile(this, path);
                int errorNumber = Marshal.GetLastPInvokeError();
                if (result != 0)
                {
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

    /// <inheritdoc/>
    private protected override bool CloseNative()
    {
        using (CardTopology.Change())
        {
            return Interop.Xrt.DeviceClose(handle) == 0;
        }
    }
}
