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
    [InlineData("jpegact_maximum")]
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
        Assert.Contains("| block_count | 1 .. 2^25 |", document, StringComparison.Ordinal);
        Assert.Equal(1 << 25, KernelInterface.MaxBlockCount);
        Assert.Contains($"1 .. {KernelInterface.MaxDescriptorCount} |", document, StringComparison.Ordinal);
        Assert.Contains($"scale_count is at most {KernelInterface.MaxTableScales}", document, StringComparison.Ordinal);
        Assert.Contains("A **word** is 512 bits", document, StringComparison.Ordinal);
        Assert.Equal(512 / 8, KernelInterface.WordBytes);
        Assert.Contains($"{KernelInterface.DescriptorBytes} bytes, {KernelInterface.DescriptorBytes / 8} u64.", document, StringComparison.Ordinal);
    }

    [Fact]
    public void Register_offsets_are_those_that_hls_gives()
    {
        XclbinKernel encode = XclbinDescription.HlsKernel(KernelInterface.Encode);

        Assert.Equal(
            [0x10, 0x1c, 0x28, 0x34, 0x40, 0x4c, 0x58, 0x64, 0x6c, 0x78, 0x84, 0x90, 0x9c],
            encode.Arguments.Select(argument => argument.Offset));
    }

    [Fact]
    public void An_unknown_kernel_is_not_found() => Assert.Null(KernelInterface.Find("jpegact_transcode"));

    private static List<KernelArgument> DocumentedArguments(string kernel)
    {
        // A table's first heading names its kernel.
        string[] lines = File.ReadAllLines(DocumentPath());
        int start = Array.FindIndex(lines, line => line.StartsWith($"| {kernel} |", StringComparison.Ordinal));
        var arguments = new List<KernelArgument>();
        foreach (string line in lines.Skip(start + 1).TakeWhile(line => line.StartsWith('|')))
        {
            Match row = RowPattern().Match(line);
            if (row.Success)
            {
                int index = int.Parse(row.Groups["index"].Value, CultureInfo.InvariantCulture);
                arguments.Add(new KernelArgument(index, row.Groups["name"].Value, Kind(row.Groups["kind"].Value)));
            }
        }

        return arguments;
    }

    private static KernelArgumentKind Kind(string cell) => cell switch
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

    [GeneratedRegex(@"^\| (?<index>\d+) \| (?<name>[^|]+?) \| (?<kind>[^|]+?) \|")]
    private static partial Regex RowPattern();
}
