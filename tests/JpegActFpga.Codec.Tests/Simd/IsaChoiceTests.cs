using System.Diagnostics;
using JpegActFpga.Codec.Simd;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>The choice of the instruction set, in child processes that say what they really got.</summary>
public class IsaChoiceTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(CodecIsa.Scalar)]
    [InlineData(CodecIsa.Vector128)]
    [InlineData(CodecIsa.Avx2)]
    [InlineData(CodecIsa.Avx512)]
    public void The_variable_forces_a_path_or_is_refused(CodecIsa isa) =>
        Child(CodecIsas.IsSupported(isa) ? isa.ShortName() : "refused", (CodecIsas.Variable, isa.ShortName()));

    [Fact]
    public void An_unknown_name_is_refused_and_the_known_ones_named()
    {
        string output = Child("refused", (CodecIsas.Variable, "mmx"));
        Assert.Contains("scalar, 128, avx2, avx512", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_variable_the_fastest_proved_path_is_taken()
    {
        CodecIsa expected = CodecIsas.IsSupported(CodecIsa.Avx2) ? CodecIsa.Avx2 : CodecIsas.IsSupported(CodecIsa.Vector128) ? CodecIsa.Vector128 : CodecIsa.Scalar;
        Child(expected.ShortName());
    }

    [Fact]
    public void A_path_whose_instructions_are_switched_off_is_refused()
    {
        Assert.SkipUnless(CodecIsas.IsSupported(CodecIsa.Avx2), "This machine has no AVX2 to switch off.");
        string output = Child("refused", (CodecIsas.Variable, "avx2"), ("DOTNET_EnableAVX2", "0"));
        Assert.Contains("AVX2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_AVX_512_the_AVX2_path_is_taken()
    {
        Assert.SkipUnless(CodecIsas.IsSupported(CodecIsa.Avx2), "This machine has no AVX2.");
        Child("avx2", ("DOTNET_EnableAVX512", "0"));
    }

    [Fact]
    public void Without_AVX2_the_128_bit_path_is_taken()
    {
        Assert.SkipUnless(CodecIsas.IsSupported(CodecIsa.Avx2), "This machine has no AVX2 to switch off.");
        Child("128", ("DOTNET_EnableAVX2", "0"));
    }

    [Fact]
    public void Without_vectors_the_reference_is_taken() => Child("scalar", ("DOTNET_EnableHWIntrinsic", "0"));

    internal static string Child(string expected, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["--child", expected]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Remove(CodecIsas.Variable);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!child.WaitForExit(Limit))
        {
            child.Kill();
            Assert.Fail($"The child did not end within {Limit.TotalSeconds} s.");
        }

        string text = output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult();
        Assert.True(child.ExitCode == IsaChild.Met, $"expected {expected}, exit code {child.ExitCode}: {text}");
        return text;
    }
}
