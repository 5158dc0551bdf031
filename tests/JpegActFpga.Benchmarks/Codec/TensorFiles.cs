using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>NumPy's header, as far as a float32 array in C order needs it.</summary>
internal static partial class NpyHeader
{
    internal static (TensorShape Shape, int Start) Read(string path, ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || file[0] != 0x93 || !file[1..].StartsWith("NUMPY"u8))
        {
            throw new InvalidDataException($"{path} is no .npy file.");
        }

        bool first = file[6] == 1;
        int length = first ? BinaryPrimitives.ReadUInt16LittleEndian(file[8..]) : BinaryPrimitives.ReadInt32LittleEndian(file[8..]);
        long start = (first ? 10 : 12) + (long)length;
        if (length < 0 || start > file.Length)
        {
            throw new InvalidDataException($"{path} ends inside its header.");
        }

        string header = Encoding.ASCII.GetString(file[(first ? 10 : 12)..(int)start]);
        if (!header.Contains("'<f4'", StringComparison.Ordinal) || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} must hold little-endian float32 in C order; its header says {header.Trim()}.");
        }

        string shape = ShapePattern().Match(header).Groups[1].Value;
        return (new TensorShape([.. shape.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(size => long.Parse(size, CultureInfo.InvariantCulture))]), (int)start);
    }

    [GeneratedRegex(@"'shape': \(([^)]*)\)")]
    private static partial Regex ShapePattern();
}

/// <summary>Raw files say their shape in their name.</summary>
internal static partial class RawFileName
{
    internal static TensorShape Shape(string path)
    {
        Match match = NamePattern().Match(Path.GetFileName(path));
        return match.Success
            ? new TensorShape([.. match.Groups[1].Value.Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))])
            : throw new InvalidDataException($"{path}: give .npy files, or raw float32 named like name_8x64x28x28.f32.");
    }

    [GeneratedRegex(@"_(\d+(?:x\d+)*)\.f32$")]
    private static partial Regex NamePattern();
}
