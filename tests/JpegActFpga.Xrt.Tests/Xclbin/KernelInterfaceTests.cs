using System.Globalization;
using System.Text.RegularExpressions;
using JpegActFpga.Xclbin;
using Xunit;

namespace JpegActFpga.Xrt.Tests.Xclbin;

public sealed partial class KernelInterfaceTests
{
    [Theory]
    [InlineData("jpegact_encode")]
    [InlineData("jpegact_decode")]
    public void Arguments_are_those_of_the_document(string kernel)
    {
        KernelSignature signature = Assert.IsType<KernelSignature>(KernelInterface.Find(kernel));

        Assert.Equal(DocumentedArguments(kernel), signature.Arguments);
    }

    [Fact]
    public void Constants_are_those_of_the_document()
    {
        string document = File.ReadAllText(DocumentPath());

        Assert.Contains($"layout version {KernelInterface.LayoutVersion}", document, StringComparison.Ordinal);
        Assert.Contains($"0x{KernelInterface.ResultMagic:X8}", document, StringComparison.Ordinal);
        Assert.Contains("block_count | u32 | 1 .. 2^25", document, StringComparison.Ordinal);
        Assert.Equal(1 << 25, KernelInterface.MaxBlockCount);
    }

    [Fact]
    public void Register_offsets_are_those_that_hls_gives()
    {
        XclbinKernel encode = XclbinDescription.HlsKernel(KernelInterface.Encode);

        Assert.Equal(
            [0x10, 0x1c, 0x28, 0x34, 0x40, 0x4c, 0x58, 0x60, 0x68, 0x70, 0x78, 0x80, 0x88, 0x90, 0x9c, 0xa8, 0xb4, 0xc0],
            encode.Arguments.Select(argument => argument.Offset));
    }

    [Fact]
    public void An_unknown_kernel_is_not_found() => Assert.Null(KernelInterface.Find("jpegact_transcode"));

    private static List<KernelArgument> DocumentedArguments(string kernel)
    {
        string[] lines = File.ReadAllLines(DocumentPath());
        int start = Array.IndexOf(lines, $"## {kernel}");
        var arguments = new List<KernelArgument>();
        foreach (string line in lines.Skip(start + 1).TakeWhile(line => !line.StartsWith("##", StringComparison.Ordinal)))
        {
            Match row = RowPattern().Match(line);
            if (!row.Success)
            {
                continue;
            }

            int first = int.Parse(row.Groups["first"].Value, CultureInfo.InvariantCulture);
            string[] names = Names(row.Groups["names"].Value);
            KernelArgumentKind kind = Kind(row.Groups["kind"].Value);
            arguments.AddRange(names.Select((name, index) => new KernelArgument(first + index, name, kind)));
        }

        return arguments;
    }

    private static string[] Names(string cell) => cell == "shifts_0 .. shifts_3"
        ? ["shifts_0", "shifts_1", "shifts_2", "shifts_3"]
        : cell.Split(", ");

    private static KernelArgumentKind Kind(string cell) => cell.Split(',')[0] switch
    {
        "read" => KernelArgumentKind.ReadBuffer,
        "write" => KernelArgumentKind.WriteBuffer,
        "u32" => KernelArgumentKind.Scalar32,
        "u64" => KernelArgumentKind.Scalar64,
        string other => throw new InvalidDataException($"docs/kernels.md has an argument of kind '{other}'"),
    };

    private static string DocumentPath()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "docs", "kernels.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/kernels.md is not above the test's folder");
    }

    [GeneratedRegex(@"^\| (?<first>\d+)(\.\.\d+)? \| (?<names>[^|]+?) \| (?<kind>[^|]+?) \|")]
    private static partial Regex RowPattern();
}
