using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>An open kernel: contexts on one or more compute units.</summary>
internal sealed class SafeXrtKernelHandle : SafeXrtHandle
{
    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Kernel;

    /// <summary>Opens a kernel of the loaded xclbin.</summary>
    /// <exception cref="XrtException">There is no such kernel or compute unit, or another user holds it.</exception>
    internal static unsafe SafeXrtKernelHandle Open(SafeXrtDeviceHandle device, Guid xclbin, string name, bool isExclusive)
    {
        byte* uuid = stackalloc byte[16];
        _ = xclbin.TryWriteBytes(new Span<byte>(uuid, 16), bigEndian: true, out _);
        SafeXrtKernelHandle kernel = new();
        kernel.AttachTo(device);
        try
        {
            string function = isExclusive ? "xrtPLKernelOpenExclusive" : "xrtPLKernelOpen";
            using (CardTopology.Change(function))
            {
                nint native = isExclusive
                    ? Interop.Xrt.KernelOpenExclusive(device, uuid, name)
                    : Interop.Xrt.KernelOpen(device, uuid, name);
                int errorNumber = Marshal.GetLastPInvokeError();
                if (native == 0)
                {
                    throw new XrtException(function, errorNumber, $"kernel '{name}' of xclbin {xclbin}");
                }

                kernel.Adopt(native);
                return kernel;
            }
        }
        catch
        {
            kernel.Detach();
            throw;
        }
    }

    /// <inheritdoc/>
    private protected override bool CloseNative()
    {
        if (!CardTopology.TryChange(out CardTopology.Scope scope))
        {
            Leak();
            return false;
        }

        using (scope)
        {
            return Interop.Xrt.KernelClose(handle) == 0;
        }
    }
}
