using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>
/// Makes buffers of the kind that costs the fewest copies: in host memory where the bank is host memory, else over pinned
/// pages of this program, else with XRT's own host side. Safe from any thread.
/// </summary>
internal sealed class BufferAllocator
{
    private readonly XrtDevice _device;
    private readonly XclbinFile _xclbin;
    private readonly Lock _gate = new();
    private string? _refusal;
    private long _userPointerBuffers;

    /// <summary>Initializes a new instance of the <see cref="BufferAllocator"/> class.</summary>
    /// <param name="device">An open card with the xclbin loaded.</param>
    /// <param name="xclbin">The xclbin: it says which banks are host memory.</param>
    /// <param name="userPointers">Whether to try user pointers at all.</param>
    internal BufferAllocator(XrtDevice device, XclbinFile xclbin, bool userPointers)
    {
        _device = device;
        _xclbin = xclbin;
        _refusal = userPointers ? null : "switched off by the options";
    }

    /// <summary>Gets how many buffers were made over pages of this program.</summary>
    internal long UserPointerBuffers => Interlocked.Read(ref _userPointerBuffers);

    /// <summary>Gets why user pointers are not used; null where they are.</summary>
    internal string? UserPointerRefusal
    {
        get
        {
            lock (_gate)
            {
                return _refusal;
            }
        }
    }

    /// <summary>Makes a buffer.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="bank">Its bank.</param>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal XrtBuffer Allocate(long bytes, int bank)
    {
        if (IsHostBank(bank))
        {
            return XrtBuffer.Allocate(_device, bytes, bank, XrtBufferKind.HostOnly);
        }

        if (UserPointerRefusal is null)
        {
            try
            {
                XrtBuffer buffer = XrtBuffer.AllocateUserPointer(_device, bytes, bank);
                Interlocked.Increment(ref _userPointerBuffers);
                return buffer;
            }
            catch (XrtException error) when (error.IsUnsupported)
            {
                lock (_gate)
                {
                    _refusal = error.Message;
                }
            }
        }

        return XrtBuffer.Allocate(_device, bytes, bank);
    }

    // Groups of several banks have numbers past the banks'; none of them is host memory.
    private bool IsHostBank(int bank) =>
        bank < _xclbin.MemoryBanks.Count && _xclbin.MemoryBanks[bank].Tag.StartsWith("HOST", StringComparison.Ordinal);
}
