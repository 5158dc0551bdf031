using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace JpegActFpga.Cli.Files;

/// <summary>What a path names.</summary>
internal enum FileKind
{
    /// <summary>Nothing, or something that may not be looked at.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A pipe, a device or a socket.</summary>
    Special,
}

/// <summary>Kind and identity of a file, symbolic links followed: .NET tells neither, and opening a pipe to find out would block.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Identity">Device and inode: equal for two paths of one file.</param>
internal readonly partial record struct FileFacts(FileKind Kind, (uint Major, uint Minor, ulong Inode) Identity)
{
    // struct statx of linux/stat.h: 256 bytes, the same on every architecture.
    private const int StatxBytes = 256;
    private const int ModeAt = 28;
    private const int InodeAt = 32;
    private const int DeviceMajorAt = 136;
    private const int DeviceMinorAt = 140;
    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;
    private const int TypeDirectory = 0x4000;
    private const int CurrentDirectory = -100;
    private const uint TypeAndInode = 0x101;

    /// <summary>Looks a path up.</summary>
    /// <param name="path">The path.</param>
    internal static unsafe FileFacts Of(string path)
    {
        Span<byte> facts = stackalloc byte[StatxBytes];
        facts.Clear();
        fixed (byte* at = facts)
        {
            // Made absolute as .NET's own calls do it, so that both look at the same file.
            if (Statx(CurrentDirectory, Path.GetFullPath(path), 0, TypeAndInode, at) != 0)
            {
                return new FileFacts(FileKind.Missing, default);
            }
        }

        FileKind kind = (BinaryPrimitives.ReadUInt16LittleEndian(facts[ModeAt..]) & TypeMask) switch
        {
            TypeRegular => FileKind.Regular,
            TypeDirectory => FileKind.Directory,
            _ => FileKind.Special,
        };
        return new FileFacts(kind, (
            BinaryPrimitives.ReadUInt32LittleEndian(facts[DeviceMajorAt..]),
            BinaryPrimitives.ReadUInt32LittleEndian(facts[DeviceMinorAt..]),
            BinaryPrimitives.ReadUInt64LittleEndian(facts[InodeAt..])));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int Statx(int directory, string path, int flags, uint mask, byte* facts);
}
