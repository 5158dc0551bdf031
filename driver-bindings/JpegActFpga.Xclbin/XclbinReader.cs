using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Xml;

namespace JpegActFpga.Xclbin;

/// <summary>Parses an xclbin; trusts no number in it.</summary>
internal sealed class XclbinReader
{
    // The most entries of a table: far above any design, and far below what would exhaust memory.
    private const int MaxTableEntries = 1 << 16;

    private readonly ReadOnlyMemory<byte> _content;
    private readonly string _path;

    /// <exception cref="InvalidXclbinException">The content is malformed.</exception>
    public XclbinReader(ReadOnlyMemory<byte> content, string path)
    {
        _content = content;
        _path = path;
        ReadOnlySpan<byte> file = content.Span;
        CheckHeader(file);
        Uuid = new Guid(file.Slice(XclbinFormat.Uuid, XclbinFormat.UuidLength), bigEndian: true);
        Platform = Text(XclbinFormat.Platform, XclbinFormat.PlatformLength);
        ushort mode = BinaryPrimitives.ReadUInt16LittleEndian(file[XclbinFormat.Mode..]);
        Target = XclbinFormat.TargetOf(mode)
            ?? throw Malformed(XclbinFormat.Mode, string.Create(CultureInfo.InvariantCulture, $"its mode {mode} is not one of XRT's"));
        MemoryBanks = ReadMemoryBanks();
        Kernels = ReadKernels();
        ComputeUnits = ReadComputeUnits();
        // A design without a bitstream would fail only when it is loaded.
        FindSection(XclbinFormat.BitstreamSection, "BITSTREAM");
    }

    public Guid Uuid { get; }

    public string Platform { get; }

    public XclbinTarget Target { get; }

    public IReadOnlyList<XclbinMemoryBank> MemoryBanks { get; }

    public IReadOnlyList<XclbinKernel> Kernels { get; }

    public IReadOnlyList<XclbinComputeUnit> ComputeUnits { get; }

    private void CheckHeader(ReadOnlySpan<byte> file)
    {
        if (file.Length < XclbinFormat.SectionHeaders)
        {
            throw Malformed(file.Length, string.Create(
                CultureInfo.InvariantCulture, $"the file ends within the {XclbinFormat.SectionHeaders}-byte header of an xclbin"));
        }

        if (!file.StartsWith("xclbin2\0"u8))
        {
            throw Malformed(0, "its first bytes are not those of an xclbin");
        }

        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(file[XclbinFormat.FileLength..]);
        if (length != (ulong)file.Length)
        {
            throw Malformed(XclbinFormat.FileLength, string.Create(
                CultureInfo.InvariantCulture, $"its header says {length} bytes, but the file has {file.Length}"));
        }

        uint count = BinaryPrimitives.ReadUInt32LittleEndian(file[XclbinFormat.SectionCount..]);
        if (count > XclbinFormat.MaxSectionCount
            || XclbinFormat.SectionHeaders + (count * (long)XclbinFormat.SectionHeaderLength) > file.Length)
        {
            throw Malformed(XclbinFormat.SectionCount, string.Create(
                CultureInfo.InvariantCulture, $"the headers of its {count} sections do not fit the file"));
        }
    }

    private Range FindSection(uint kind, string name)
    {
        ReadOnlySpan<byte> file = _content.Span;
        int count = BinaryPrimitives.ReadInt32LittleEndian(file[XclbinFormat.SectionCount..]);
        for (int i = 0; i < count; i++)
        {
            int header = XclbinFormat.SectionHeaders + (i * XclbinFormat.SectionHeaderLength);
            if (BinaryPrimitives.ReadUInt32LittleEndian(file[header..]) != kind)
            {
                continue;
            }

            ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(file[(header + XclbinFormat.SectionOffset)..]);
            ulong size = BinaryPrimitives.ReadUInt64LittleEndian(file[(header + XclbinFormat.SectionSize)..]);
            if (offset > (ulong)file.Length || size > (ulong)file.Length - offset)
            {
                throw Malformed(header, $"its {name} section lies outside the file");
            }

            return (int)offset..(int)(offset + size);
        }

        throw Malformed(XclbinFormat.SectionCount, $"it has no {name} section");
    }

    /// <summary>Offset of each entry of a table section that starts with a 32-bit count.</summary>
    private List<int> FindEntries(uint kind, string name, int start, int entryLength)
    {
        Range section = FindSection(kind, name);
        (int offset, int length) = section.GetOffsetAndLength(_content.Length);
        int count = length < start ? -1 : BinaryPrimitives.ReadInt32LittleEndian(_content.Span[offset..]);
        if (count < 0 || count > MaxTableEntries || start + ((long)count * entryLength) > length)
        {
            throw Malformed(offset, $"the entries of its {name} section do not fit the section");
        }

        return [.. Enumerable.Range(0, count).Select(i => offset + start + (i * entryLength))];
    }

    private List<XclbinMemoryBank> ReadMemoryBanks()
    {
        var banks = new List<XclbinMemoryBank>();
        foreach (int entry in FindEntries(
            XclbinFormat.MemoryTopologySection, "MEM_TOPOLOGY", XclbinFormat.MemoriesStart, XclbinFormat.MemoryLength))
        {
            ReadOnlySpan<byte> bytes = _content.Span.Slice(entry, XclbinFormat.MemoryLength);
            var kind = (XclbinMemoryKind)bytes[0];
            if (!Enum.IsDefined(kind))
            {
                throw Malformed(entry, string.Create(CultureInfo.InvariantCulture, $"a memory bank is of kind {bytes[0]}, which XRT does not define"));
            }

            ulong kilobytes = BinaryPrimitives.ReadUInt64LittleEndian(bytes[XclbinFormat.MemorySizeKilobytes..]);
            // For streams the field holds a route number, not a size.
            bool hasSize = kind is not (XclbinMemoryKind.Streaming or XclbinMemoryKind.StreamingConnection);
            if (hasSize && kilobytes > ulong.MaxValue / 1024)
            {
                throw Malformed(entry + XclbinFormat.MemorySizeKilobytes, "the size of a memory bank exceeds 64 bits");
            }

            banks.Add(new XclbinMemoryBank(
                Text(entry + XclbinFormat.MemoryTag, XclbinFormat.MemoryTagLength),
                kind,
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[XclbinFormat.MemoryBase..]),
                hasSize ? kilobytes * 1024 : 0,
                bytes[XclbinFormat.MemoryUsed] != 0));
        }

        return banks;
    }

    private IReadOnlyList<XclbinKernel> ReadKernels()
    {
        Range section = FindSection(XclbinFormat.MetadataSection, "EMBEDDED_METADATA");
        try
        {
            return XclbinMetadata.ReadKernels(_content.Span[section]);
        }
        catch (Exception exception) when (exception is XmlException or FormatException)
        {
            throw Malformed(section.Start.Value, $"its EMBEDDED_METADATA section is malformed: {exception.Message}", exception);
        }
    }

    private List<XclbinComputeUnit> ReadComputeUnits()
    {
        ILookup<int, XclbinConnection> connections = ReadConnections();
        var units = new List<XclbinComputeUnit>();
        int ip = 0;
        foreach (int entry in FindEntries(
            XclbinFormat.IpLayoutSection, "IP_LAYOUT", XclbinFormat.IpsStart, XclbinFormat.IpLength))
        {
            ReadOnlySpan<byte> bytes = _content.Span.Slice(entry, XclbinFormat.IpLength);
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) == XclbinFormat.IpKernel)
            {
                string name = Text(entry + XclbinFormat.IpName, XclbinFormat.IpNameLength);
                int colon = name.IndexOf(':', StringComparison.Ordinal);
                if (colon <= 0 || colon == name.Length - 1)
                {
                    throw Malformed(entry + XclbinFormat.IpName, $"a compute unit is named '{name}', not kernel:instance");
                }

                units.Add(new XclbinComputeUnit(
                    name[..colon],
                    name[(colon + 1)..],
                    BinaryPrimitives.ReadUInt64LittleEndian(bytes[XclbinFormat.IpBase..]),
                    [.. connections[ip]]));
            }

            ip++;
        }

        return units;
    }

    private ILookup<int, XclbinConnection> ReadConnections()
    {
        var connections = new List<(int Ip, XclbinConnection Connection)>();
        foreach (int entry in FindEntries(
            XclbinFormat.ConnectivitySection, "CONNECTIVITY", XclbinFormat.ConnectionsStart, XclbinFormat.ConnectionLength))
        {
            ReadOnlySpan<byte> bytes = _content.Span.Slice(entry, XclbinFormat.ConnectionLength);
            int bank = BinaryPrimitives.ReadInt32LittleEndian(bytes[XclbinFormat.ConnectionMemory..]);
            if (bank < 0 || bank >= MemoryBanks.Count)
            {
                throw Malformed(entry + XclbinFormat.ConnectionMemory, string.Create(
                    CultureInfo.InvariantCulture, $"a connection leads to memory bank {bank} of {MemoryBanks.Count}"));
            }

            connections.Add((
                BinaryPrimitives.ReadInt32LittleEndian(bytes[XclbinFormat.ConnectionIp..]),
                new XclbinConnection(BinaryPrimitives.ReadInt32LittleEndian(bytes), bank)));
        }

        return connections.ToLookup(entry => entry.Ip, entry => entry.Connection);
    }

    /// <summary>A text field that is padded with zeros.</summary>
    private string Text(int offset, int length)
    {
        ReadOnlySpan<byte> field = _content.Span.Slice(offset, length);
        int end = field.IndexOf((byte)0);
        if (end < 0 || !Ascii.IsValid(field[..end]))
        {
            throw Malformed(offset, "a name is not zero-terminated ASCII");
        }

        return Encoding.ASCII.GetString(field[..end]);
    }

    private InvalidXclbinException Malformed(long offset, string problem, Exception? cause = null) =>
        new(_path, offset, problem, "Build or copy the xclbin again", cause);
}
