using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// An open kernel: one or more compute units of the loaded xclbin. Safe from any thread. Its runs keep it open, so it may
/// be disposed of in any order with them.
/// </summary>
public sealed class XrtKernel : IDisposable
{
    // Banks already asked for, plus one; 0 where not asked yet. 2.13 looks the bank up in the xclbin's metadata each time.
    private readonly int[] _banks = new int[64];

    private XrtKernel(string name, SafeXrtKernelHandle handle)
    {
        Name = name;
        Handle = handle;
    }

    /// <summary>Gets the name with which the kernel was opened.</summary>
    public string Name { get; }

    /// <summary>Gets the native handle.</summary>
    internal SafeXrtKernelHandle Handle { get; }

    /// <summary>Opens a kernel.</summary>
    /// <param name="device">A card with an xclbin loaded.</param>
    /// <param name="xclbin">UUID that <see cref="XrtDevice.LoadXclbin"/> gave; not all zero, with which XRT would skip its check.</param>
    /// <param name="name">The kernel's name for all its compute units, or <c>kernel:{unit}</c> or <c>kernel:{unit1,unit2}</c> for some.</param>
    /// <param name="isExclusive">Whether other processes are kept off the compute units.</param>
    /// <returns>The kernel, to be disposed of.</returns>
    /// <exception cref="ArgumentException"><paramref name="xclbin"/> is all zero, or <paramref name="name"/> empty.</exception>
    /// <exception cref="XrtException">There is no such kernel, unit or xclbin, or another user holds it.</exception>
    /// <exception cref="ObjectDisposedException">The card is closed.</exception>
    public static XrtKernel Open(XrtDevice device, Guid xclbin, string name, bool isExclusive = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (xclbin == Guid.Empty)
        {
            throw new ArgumentException("The UUID is all zero: pass what LoadXclbin returned.", nameof(xclbin));
        }

        return new XrtKernel(name, SafeXrtKernelHandle.Open(device.Handle, xclbin, name, isExclusive));
    }

    /// <summary>Gives the memory bank that an argument is wired to: allocate its buffers there.</summary>
    /// <param name="argument">Index of a buffer argument.</param>
    /// <returns>The bank (memory group) for <see cref="XrtBuffer.Allocate"/>.</returns>
    /// <exception cref="XrtException">There is no such argument, or it is a scalar.</exception>
    /// <exception cref="ObjectDisposedException">The kernel is closed.</exception>
    public int GetBank(int argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(argument);
        if (argument < _banks.Length && Volatile.Read(ref _banks[argument]) is > 0 and int known)
        {
            return known - 1;
        }

        int bank = Interop.Xrt.KernelArgGroupId(Handle, argument);
        int errorNumber = Marshal.GetLastPInvokeError();
        if (bank < 0)
        {
            throw new XrtException("xrtKernelArgGroupId", errorNumber, DescribeArgument(argument));
        }

        if (argument < _banks.Length)
        {
            Volatile.Write(ref _banks[argument], bank + 1);
        }

        return bank;
    }

    /// <summary>Gives the register offset of an argument, in bytes.</summary>
    /// <param name="argument">Index of an argument.</param>
    /// <returns>The offset in the compute unit's register map.</returns>
    /// <exception cref="XrtException">There is no such argument.</exception>
    /// <exception cref="ObjectDisposedException">The kernel is closed.</exception>
    public int GetRegisterOffset(int argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(argument);
        uint offset = Interop.Xrt.KernelArgOffset(Handle, argument);
        int errorNumber = Marshal.GetLastPInvokeError();
        return offset == uint.MaxValue
            ? throw new XrtException("xrtKernelArgOffset", errorNumber, DescribeArgument(argument))
            : (int)offset;
    }

    /// <summary>Closes the kernel when its last run is closed.</summary>
    public void Dispose() => Handle.Dispose();

    private string DescribeArgument(int argument) => string.Create(CultureInfo.InvariantCulture, $"argument {argument} of '{Name}'");
}
