using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>An open device.</summary>
internal sealed class SafeXrtDeviceHandle : SafeXrtHandle
{
    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Device;

    /// <summary>Opens a device, or gives null with errno where XRT refuses.</summary>
    internal static SafeXrtDeviceHandle? TryOpen(uint index, out int errorNumber)
    {
        SafeXrtDeviceHandle device = new();
        lock (XrtRuntime.TopologyLock)
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

    /// <inheritdoc/>
    private protected override bool CloseNative()
    {
        lock (XrtRuntime.TopologyLock)
        {
            return Interop.Xrt.DeviceClose(handle) == 0;
        }
    }
}
