namespace JpegActFpga.Xrt;

/// <summary>Direction of a transfer; the values are xclBOSyncDirection.</summary>
public enum XrtSyncDirection
{
    /// <summary>From host memory to the card's.</summary>
    ToDevice = 0,

    /// <summary>From the card's memory to the host's.</summary>
    FromDevice = 1,
}
