using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace JpegActFpga.Xclbin;

/// <summary>
/// Writes an xclbin that XRT loads, without AMD's tools. The same description gives the same bytes: there is no time
/// stamp in it, and its uuid is taken from a SHA-256 over the content.
/// </summary>
public static class XclbinWriter
{
    /// <summary>Writes an xclbin into memory.</summary>
    /// <exception cref="ArgumentException">
    /// The description does not hold together: the message says where. No file was written.
    /// </exception>
    public static byte[] Write(XclbinDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        XclbinDescriptionCheck.Check(description);
        (uint Kind, string Name, ReadOnlyMemory<byte> Data)[] sections =
        [
            (XclbinFormat.BitstreamSection, "kernels", description.Payload),
            (XclbinFormat.MetadataSection, "metadata", XclbinMetadata.Write(description)),
            (XclbinFormat.MemoryTopologySection, "memory", MemoryTopology(description)),
            (XclbinFormat.IpLayoutSection, "ip_layout", IpLayout(description)),
            (XclbinFormat.ConnectivitySection, "connectivity", Connectivity(description)),
        ];
        long end = XclbinFormat.SectionHeaders + (long)(XclbinFormat.SectionHeaderLength * sections.Length);
        var offsets = new int[sections.Length];
        for (int i = 0; i < sections.Length; i++)
        {
            end = Align(end);
            offsets[i] = checked((int)end);
            end += sections[i].Data.Length;
        }

        byte[] file = new byte[checked((int)Align(end))];
        WriteHeader(file, description, sections.Length);
        for (int i = 0; i < sections.Length; i++)
        {
            Span<byte> header = file.AsSpan(XclbinFormat.SectionHeaders + (XclbinFormat.SectionHeaderLength * i));
            BinaryPrimitives.WriteUInt32LittleEndian(header, sections[i].Kind);
            WriteText(header.Slice(XclbinFormat.SectionName, XclbinFormat.SectionNameLength), sections[i].Name);
            BinaryPrimitives.WriteUInt64LittleEndian(header[XclbinFormat.SectionOffset..], (ulong)offsets[i]);
            BinaryPrimitives.WriteUInt64LittleEndian(header[XclbinFormat.SectionSize..], (ulong)sections[i].Data.Length);
            sections[i].Data.Span.CopyTo(file.AsSpan(offsets[i]));
        }

        byte[] hash = SHA256.HashData(file);
        hash.AsSpan(0, XclbinFormat.UuidLength).CopyTo(file.AsSpan(XclbinFormat.Uuid));
        hash.AsSpan(XclbinFormat.UuidLength, sizeof(ulong)).CopyTo(file.AsSpan(XclbinFormat.UniqueId));
        return file;
    }

    private static void WriteHeader(Span<byte> file, XclbinDescription description, int sectionCount)
    {
        WriteText(file[..XclbinFormat.SignatureLength], XclbinFormat.Magic);
        // No signature follows.
        BinaryPrimitives.WriteInt32LittleEndian(file[XclbinFormat.SignatureLength..], -1);
        file.Slice(XclbinFormat.ReservedBytes, XclbinFormat.ReservedBytesLength).Fill(0xff);
        BinaryPrimitives.WriteUInt64LittleEndian(file[XclbinFormat.FileLength..], (ulong)file.Length);
        file[XclbinFormat.VersionMajor] = 2;
        file[XclbinFormat.VersionMinor] = 13;
        BinaryPrimitives.WriteUInt16LittleEndian(file[XclbinFormat.Mode..], XclbinFormat.ModeOf(description.Target));
        WriteText(file.Slice(XclbinFormat.Platform, XclbinFormat.PlatformLength), description.Platform);
        BinaryPrimitives.WriteInt32LittleEndian(file[XclbinFormat.SectionCount..], sectionCount);
    }

    private static byte[] MemoryTopology(XclbinDescription description)
    {
        IReadOnlyList<XclbinMemoryBank> banks = description.MemoryBanks;
        byte[] section = new byte[XclbinFormat.MemoriesStart + (XclbinFormat.MemoryLength * banks.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(section, banks.Count);
        for (int i = 0; i < banks.Count; i++)
        {
            Span<byte> entry = section.AsSpan(
                XclbinFormat.MemoriesStart + (XclbinFormat.MemoryLength * i), XclbinFormat.MemoryLength);
            entry[0] = (byte)banks[i].Kind;
            entry[XclbinFormat.MemoryUsed] = banks[i].Used ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt64LittleEndian(entry[XclbinFormat.MemorySizeKilobytes..], banks[i].Size / 1024);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[XclbinFormat.MemoryBase..], banks[i].BaseAddress);
            WriteText(entry.Slice(XclbinFormat.MemoryTag, XclbinFormat.MemoryTagLength), banks[i].Tag);
        }

        return section;
    }

    private static byte[] IpLayout(XclbinDescription description)
    {
        IReadOnlyList<XclbinComputeUnit> units = description.ComputeUnits;
        byte[] section = new byte[XclbinFormat.IpsStart + (XclbinFormat.IpLength * units.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(section, units.Count);
        for (int i = 0; i < units.Count; i++)
        {
            Span<byte> entry = section.AsSpan(XclbinFormat.IpsStart + (XclbinFormat.IpLength * i), XclbinFormat.IpLength);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, XclbinFormat.IpKernel);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[XclbinFormat.IpProperties..], XclbinFormat.IpKernelProperties);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[XclbinFormat.IpBase..], units[i].BaseAddress);
            WriteText(entry.Slice(XclbinFormat.IpName, XclbinFormat.IpNameLength), $"{units[i].Kernel}:{units[i].Name}");
        }

        return section;
    }

    private static byte[] Connectivity(XclbinDescription description)
    {
        var connections = description.ComputeUnits
            .SelectMany((unit, index) => unit.Connections.Select(connection => (Unit: index, connection.Argument, connection.Bank)))
            .ToList();
        byte[] section = new byte[XclbinFormat.ConnectionsStart + (XclbinFormat.ConnectionLength * connections.Count)];
        BinaryPrimitives.WriteInt32LittleEndian(section, connections.Count);
        for (int i = 0; i < connections.Count; i++)
        {
            Span<byte> entry = section.AsSpan(XclbinFormat.ConnectionsStart + (XclbinFormat.ConnectionLength * i));
            BinaryPrimitives.WriteInt32LittleEndian(entry, connections[i].Argument);
            BinaryPrimitives.WriteInt32LittleEndian(entry[XclbinFormat.ConnectionIp..], connections[i].Unit);
            BinaryPrimitives.WriteInt32LittleEndian(entry[XclbinFormat.ConnectionMemory..], connections[i].Bank);
        }

        return section;
    }

    private static long Align(long offset) =>
        (offset + XclbinFormat.SectionAlignment - 1) / XclbinFormat.SectionAlignment * XclbinFormat.SectionAlignment;

    // The field stays zero-terminated: XclbinDescriptionCheck has checked the length.
    private static void WriteText(Span<byte> field, string text) => Encoding.ASCII.GetBytes(text, field[..^1]);
}
