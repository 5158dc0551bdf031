using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd;

/// <summary>The instruction sets that the CPU codec has a path for. All write the same bytes.</summary>
public enum CodecIsa
{
    /// <summary>None: the reference codec.</summary>
    Scalar = 0,

    /// <summary>128-bit vectors of any processor.</summary>
    Vector128 = 1,

    /// <summary>AVX2.</summary>
    Avx2 = 2,

    /// <summary>AVX-512 BW, VL and VBMI2.</summary>
    Avx512 = 3,
}

/// <summary>Which instruction sets this machine has, and the choice among them.</summary>
public static class CodecIsas
{
    /// <summary>Environment variable that overrides the choice.</summary>
    public const string Variable = "JPEGACT_ISA";

    private static readonly (CodecIsa Isa, string Name)[] Names =
    [
        (CodecIsa.Scalar, "scalar"),
        (CodecIsa.Vector128, "128"),
        (CodecIsa.Avx2, "avx2"),
        (CodecIsa.Avx512, "avx512"),
    ];

    /// <summary>Paths that ran on real hardware, the fastest first.</summary>
    private static readonly CodecIsa[] Proved = [CodecIsa.Avx2, CodecIsa.Vector128, CodecIsa.Scalar];

    /// <summary>Gets the fastest instruction set of this machine whose path has run on real hardware.</summary>
    /// <remarks>
    /// Never <see cref="CodecIsa.Avx512"/>: its instructions were only emulated so far, and the CPU codec is the last fallback.
    /// Ask for it by <see cref="Variable"/>; once the conformance suite passed on such a machine it belongs in this list.
    /// </remarks>
    public static CodecIsa Best => Proved.First(IsSupported);

    /// <summary>Tells whether this machine, under this runtime's settings, has an instruction set.</summary>
    /// <param name="isa">The instruction set.</param>
    public static bool IsSupported(CodecIsa isa) => isa switch
    {
        CodecIsa.Scalar => true,
        CodecIsa.Vector128 => Vector128.IsHardwareAccelerated,
        CodecIsa.Avx2 => Avx2.IsSupported && Popcnt.X64.IsSupported,
        CodecIsa.Avx512 => IsSupported(CodecIsa.Avx2) && Avx512BW.VL.IsSupported && Avx512F.VL.IsSupported && Avx512Vbmi2.IsSupported,
        _ => false,
    };

    /// <summary>Chooses the instruction set: what <see cref="Variable"/> says, else <see cref="Best"/>.</summary>
    /// <exception cref="PlatformNotSupportedException">The variable names an instruction set that this machine lacks.</exception>
    /// <exception cref="ArgumentException">The variable names none.</exception>
    public static CodecIsa Choose()
    {
        string? asked = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(asked))
        {
            return Best;
        }

        foreach ((CodecIsa isa, string name) in Names)
        {
            if (string.Equals(asked, name, StringComparison.OrdinalIgnoreCase))
            {
                Demand(isa);
                return isa;
            }
        }

        throw new ArgumentException($"{Variable}={asked} is none of {string.Join(", ", Names.Select(entry => entry.Name))}.");
    }

    /// <summary>Gives the name that <see cref="Variable"/> takes.</summary>
    /// <param name="isa">The instruction set.</param>
    public static string ShortName(this CodecIsa isa) => Names.First(entry => entry.Isa == isa).Name;

    /// <summary>Gives the name for reports.</summary>
    /// <param name="isa">The instruction set.</param>
    public static string DisplayName(this CodecIsa isa) => isa switch
    {
        CodecIsa.Scalar => "scalar reference",
        CodecIsa.Vector128 => "128-bit vector",
        CodecIsa.Avx2 => "AVX2",
        CodecIsa.Avx512 => "AVX-512",
        _ => $"instruction set {(int)isa}",
    };

    /// <summary>Refuses an instruction set that this machine lacks.</summary>
    /// <param name="isa">The instruction set.</param>
    /// <exception cref="PlatformNotSupportedException">The machine lacks it.</exception>
    internal static void Demand(CodecIsa isa)
    {
        if (!IsSupported(isa))
        {
            string has = string.Join(", ", Names.Where(entry => IsSupported(entry.Isa)).Select(entry => entry.Name));
            throw new PlatformNotSupportedException($"The {isa.DisplayName()} codec needs instructions that this machine, or this runtime's settings, lack; there are {has}. Unset {Variable} to let the program choose.");
        }
    }
}
