using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using JpegActFpga.Gpu.Launches;

namespace JpegActFpga.Gpu.Tests;

/// <summary>What the embedded PTX must be like for exact and fast kernels, whatever compiler made it.</summary>
public partial class PtxTests
{
    public static TheoryData<int> Architectures => [70, 80];

    [Theory]
    [MemberData(nameof(Architectures))]
    public void No_product_and_sum_share_a_rounding_and_no_subnormal_is_flushed(int architecture)
    {
        string ptx = Text(architecture);
        Assert.DoesNotMatch(@"\bfma\.", ptx);
        Assert.DoesNotMatch(@"\bmad\.[a-z.]*f(16|32|64)", ptx);
        Assert.DoesNotContain(".ftz", ptx, StringComparison.Ordinal);
        Assert.DoesNotContain(".approx", ptx, StringComparison.Ordinal);

        // Without .rn ptxas may fuse them itself.
        MatchCollection arithmetic = FloatArithmetic().Matches(ptx);
        Assert.NotEmpty(arithmetic);
        Assert.All(arithmetic, operation => Assert.Contains(".rn", operation.Value, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void No_kernel_uses_local_memory(int architecture)
    {
        Assert.DoesNotContain(".local", Text(architecture), StringComparison.Ordinal);
        Assert.DoesNotContain("__local_depot", Text(architecture), StringComparison.Ordinal);
    }

    // Constant memory serves one address at a time: a warp that reads a table there waits 32 times.
    [Theory]
    [MemberData(nameof(Architectures))]
    public void Tables_lie_in_global_memory(int architecture)
    {
        Assert.DoesNotMatch(@"(?m)^\.const|\bld\.const", Text(architecture));
        Assert.Matches(@"(?m)^\.global \.align \d+ \.b8 \w*kWordTable\w*\[4096\]", Text(architecture));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Every_kernel_takes_the_arguments_that_the_host_lays_out_and_calls_nothing(int architecture)
    {
        List<PtxKernel> kernels = PtxKernel.All(Text(architecture));
        Assert.Equal(3 + (3 * 11), kernels.Count);
        Assert.All(kernels, kernel => Assert.Equal(Unsafe.SizeOf<CodecArguments>(), kernel.ArgumentBytes));
        Assert.All(kernels, kernel => Assert.Equal(0, kernel.Calls));
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Kernels_stay_as_short_as_docs_gpu_md_says(int architecture)
    {
        foreach (PtxKernel kernel in PtxKernel.All(Text(architecture)))
        {
            int limit = kernel.Name.Contains("code_", StringComparison.Ordinal) ? 1800 : 900;
            Assert.True(kernel.Instructions <= limit, $"{kernel.Name} has {kernel.Instructions} PTX instructions; {limit} are allowed.");
        }
    }

    [Fact]
    public void Redux_is_used_where_the_architecture_has_it_alone()
    {
        Assert.Contains("redux.sync.max.u32", Text(80), StringComparison.Ordinal);
        Assert.DoesNotContain("redux", Text(70), StringComparison.Ordinal);
        Assert.Contains(".target sm_80", Text(80), StringComparison.Ordinal);
        Assert.Contains(".target sm_70", Text(70), StringComparison.Ordinal);
    }

    private static string Text(int architecture) => Encoding.ASCII.GetString(GpuKernels.Ptx(architecture));

    [GeneratedRegex(@"\b(mul|add|sub|div)\.[a-z.]*f32\b")]
    private static partial Regex FloatArithmetic();

    /// <summary>A kernel as the PTX has it.</summary>
    internal sealed partial record PtxKernel(string Name, int ArgumentBytes, int Instructions, int Calls, int Registers)
    {
        public static List<PtxKernel> All(string ptx) =>
        [
            .. Entry().Matches(ptx).Select(entry =>
            {
                string body = entry.Groups[3].Value;
                return new PtxKernel(
                    entry.Groups[1].Value,
                    int.Parse(entry.Groups[2].Value),
                    Instruction().Count(body),
                    Call().Count(body),
                    Registers32().Matches(body).Sum(match => int.Parse(match.Groups[1].Value)));
            }),
        ];

        [GeneratedRegex(@"\.entry (\w+)\(\s*\.param \.align \d+ \.b8 \w+_param_0\[(\d+)\]\s*\)(.*?)\n\}\r?\n", RegexOptions.Singleline)]
        private static partial Regex Entry();

        [GeneratedRegex(@"^\s+(@|[a-z])[^\n]*;", RegexOptions.Multiline)]
        private static partial Regex Instruction();

        [GeneratedRegex(@"^\s+call", RegexOptions.Multiline)]
        private static partial Regex Call();

        [GeneratedRegex(@"\.reg \.[bf]32 \s*%\w+<(\d+)>")]
        private static partial Regex Registers32();
    }
}
