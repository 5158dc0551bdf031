using JpegActFpga.Core.Memory;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Measures;

/// <summary>Whether a card's driver gives buffers that other devices reach over the bus.</summary>
/// <param name="IsGiven">Whether it does; null where nobody knows.</param>
/// <param name="Reason">What it says where it does not, or why nobody knows; null where it does.</param>
internal sealed record PeerToPeer(bool? IsGiven, string? Reason)
{
    /// <summary>Asks the driver for such a buffer.</summary>
    /// <param name="device">An open card with its xclbin loaded.</param>
    /// <param name="bank">A memory bank of it.</param>
    internal static PeerToPeer Ask(XrtDevice device, int bank)
    {
        try
        {
            XrtBuffer.Allocate(device, NativeBuffer.PageBytes, bank, XrtBufferKind.PeerToPeer).Dispose();
            return new PeerToPeer(true, null);
        }
        catch (XrtException error)
        {
            return new PeerToPeer(false, error.Message);
        }
    }

    /// <summary>
    /// Asks the driver, without changing what is loaded on a card in hardware: a card without an xclbin has no memory to ask
    /// for, and another process may be about to use it. An emulated card is this process's own, and gets the xclbin.
    /// </summary>
    /// <param name="index">Index of the card.</param>
    /// <param name="bitstream">The xclbin; null where none was named or it is refused.</param>
    /// <param name="isEmulated">Whether the cards are emulated.</param>
    /// <param name="limit">How long it may take.</param>
    /// <exception cref="XrtStuckException">The card does not answer.</exception>
    internal static PeerToPeer Ask(int index, VerifiedBitstream? bitstream, bool isEmulated, TimeSpan limit)
    {
        if (bitstream is null)
        {
            return new PeerToPeer(null, "unknown without an xclbin");
        }

        try
        {
            return LimitedCall.Run(index, "asking for a peer-to-peer buffer", limit, () => Ask(index, bitstream, isEmulated));
        }
        catch (XrtException error) when (error is not XrtStuckException)
        {
            return new PeerToPeer(null, $"unknown: {error.Message}");
        }
        catch (InvalidXclbinException error)
        {
            return new PeerToPeer(null, $"unknown: {error.Message}");
        }
    }

    private static PeerToPeer Ask(int index, VerifiedBitstream bitstream, bool isEmulated)
    {
        using XrtDevice device = XrtDevice.Open(index);
        if (!isEmulated && device.GetXclbinId() != bitstream.File.Uuid)
        {
            return new PeerToPeer(null, "unknown as long as this xclbin is not loaded: jpegact link loads it and asks");
        }

        // Loaded already, so on a card in hardware this reads the file and changes nothing.
        Guid uuid = device.LoadXclbin(bitstream.File.Path);
        return Ask(device, BankOf(device, uuid, bitstream));
    }

    /// <summary>Gives a memory bank to ask for: the one of the first unit's first argument.</summary>
    /// <param name="device">An open card.</param>
    /// <param name="uuid">What is loaded.</param>
    /// <param name="bitstream">Its content.</param>
    /// <exception cref="InvalidXclbinException">Another image is loaded: the file was replaced since it was verified.</exception>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal static int BankOf(XrtDevice device, Guid uuid, VerifiedBitstream bitstream)
    {
        bitstream.File.DemandLoaded(uuid);
        using XrtKernel unit = XrtKernel.Open(device, uuid, bitstream.File.ComputeUnits[0].XrtName);
        return unit.GetBank(0);
    }

    /// <summary>Says it in words.</summary>
    /// <param name="isGiven">As <see cref="IsGiven"/>.</param>
    /// <param name="reason">As <see cref="Reason"/>.</param>
    internal static string Describe(bool? isGiven, string? reason) =>
        isGiven == true ? "the driver gives such buffers" : ErrorText.OneLine(reason ?? "unknown");
}
