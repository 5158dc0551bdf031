namespace JpegActFpga.Xrt;

/// <summary>Where a buffer's memory lies; the values are XRT_BO_FLAGS_*.</summary>
public enum XrtBufferKind
{
    /// <summary>Card memory with a copy in host memory of XRT's; transfers are explicit.</summary>
    Normal = 0,

    /// <summary>Card memory alone: it has no host address and no transfers.</summary>
    DeviceOnly = 1 << 28,

    /// <summary>Host memory that the card reaches itself; needs a platform with a host bank, and no transfers.</summary>
    HostOnly = 1 << 29,

    /// <summary>Card memory that the host reaches through the card's BAR; needs P2P enabled.</summary>
    PeerToPeer = 1 << 30,
}
