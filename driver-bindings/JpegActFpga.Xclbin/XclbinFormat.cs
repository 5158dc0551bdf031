namespace JpegActFpga.Xclbin;

/// <summary>
/// Offsets, sizes and codes of an xclbin file (struct <c>axlf</c> of XRT's <c>xclbin.h</c>). All numbers are
/// little-endian, the uuid is in network order.
/// </summary>
internal static class XclbinFormat
{
    public const string Magic = "xclbin2";
    public const int SignatureLength = 8;
    public const int ReservedBytes = 12;
    public const int ReservedBytesLength = 28;
    public const int UniqueId = 296;
    public const int FileLength = 304;
    public const int VersionMajor = 330;
    public const int VersionMinor = 331;
    public const int Mode = 332;
    public const int Platform = 352;
    public const int PlatformLength = 64;
    public const int Uuid = 416;
    public const int UuidLength = 16;
    public const int SectionCount = 448;
    public const int SectionHeaders = 456;

    public const int SectionHeaderLength = 40;
    public const int SectionName = 4;
    public const int SectionNameLength = 16;
    public const int SectionOffset = 24;
    public const int SectionSize = 32;
    public const int SectionAlignment = 8;
    public const int MaxSectionCount = 0x10000;

    public const uint BitstreamSection = 0;
    public const uint MetadataSection = 2;
    public const uint MemoryTopologySection = 6;
    public const uint ConnectivitySection = 7;
    public const uint IpLayoutSection = 8;

    public const int MemoriesStart = 8;
    public const int MemoryLength = 40;
    public const int MemoryUsed = 1;
    public const int MemorySizeKilobytes = 8;
    public const int MemoryBase = 16;
    public const int MemoryTag = 24;
    public const int MemoryTagLength = 16;

    public const int IpsStart = 8;
    public const int IpLength = 80;
    public const int IpProperties = 4;
    public const int IpBase = 8;
    public const int IpName = 16;
    public const int IpNameLength = 64;
    public const uint IpKernel = 1;

    // The interrupt line is wired, and the unit follows the AP_CTRL_HS protocol (0).
    public const uint IpKernelProperties = 1;

    public const int ConnectionsStart = 4;
    public const int ConnectionLength = 12;
    public const int ConnectionIp = 4;
    public const int ConnectionMemory = 8;

    /// <summary>The header's mode of a target, as <see cref="XclbinWriter"/> writes it (enum XCLBIN_MODE).</summary>
    public static ushort ModeOf(XclbinTarget target) => target switch
    {
        XclbinTarget.CSim => 5,
        XclbinTarget.HwEmu => 4,
        XclbinTarget.Hw => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "not a target"),
    };

    /// <summary>The target of a header's mode, or null for a mode that XRT does not define.</summary>
    public static XclbinTarget? TargetOf(ushort mode) => mode switch
    {
        0 or 1 or 2 or 3 => XclbinTarget.Hw,
        4 or 6 => XclbinTarget.HwEmu,
        5 => XclbinTarget.CSim,
        _ => null,
    };
}
