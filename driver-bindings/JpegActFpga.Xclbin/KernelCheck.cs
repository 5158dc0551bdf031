using System.Globalization;

namespace JpegActFpga.Xclbin;

/// <summary>Compares the kernels of an xclbin with <see cref="KernelInterface"/>.</summary>
internal static class KernelCheck
{
    private const string Remedy =
        "Build the xclbin from the fpga-kernels of this version, or use the host that it was made for";

    /// <exception cref="InvalidXclbinException">A kernel is missing, has no compute unit, or has other arguments.</exception>
    public static void Check(XclbinFile file)
    {
        foreach (KernelSignature expected in KernelInterface.Kernels)
        {
            XclbinKernel found = file.Kernels.FirstOrDefault(kernel => kernel.Name == expected.Name)
                ?? throw Refuse(file, $"kernel {expected.Name} is missing");
            if (!file.ComputeUnits.Any(unit => unit.Kernel == expected.Name))
            {
                throw Refuse(file, $"kernel {expected.Name} has no compute unit");
            }

            CheckArguments(file, expected, found);
        }
    }

    private static void CheckArguments(XclbinFile file, KernelSignature expected, XclbinKernel found)
    {
        for (int i = 0; i < Math.Min(expected.Arguments.Count, found.Arguments.Count); i++)
        {
            KernelArgument wanted = expected.Arguments[i];
            XclbinArgument actual = found.Arguments[i];
            if (actual.Name != wanted.Name)
            {
                throw Refuse(file, Line(expected, i, $"is named {actual.Name}, but this host expects {wanted.Name}"));
            }

            if (actual.Index != i)
            {
                throw Refuse(file, Line(expected, i, string.Create(CultureInfo.InvariantCulture, $"({wanted.Name}) has index {actual.Index}")));
            }

            if (actual.IsGlobal != wanted.IsBuffer)
            {
                string kind = actual.IsGlobal ? "buffer" : "scalar";
                throw Refuse(file, Line(expected, i, $"({wanted.Name}) is a {kind}, which this host does not expect"));
            }

            if (actual.Size != wanted.Size)
            {
                throw Refuse(file, Line(expected, i, string.Create(
                    CultureInfo.InvariantCulture, $"({wanted.Name}) has {actual.Size} bytes, but this host expects {wanted.Size}")));
            }
        }

        if (expected.Arguments.Count != found.Arguments.Count)
        {
            throw Refuse(file, string.Create(
                CultureInfo.InvariantCulture,
                $"kernel {expected.Name} has {found.Arguments.Count} arguments, but this host expects {expected.Arguments.Count}"));
        }
    }

    private static string Line(KernelSignature kernel, int index, string problem) =>
        string.Create(CultureInfo.InvariantCulture, $"kernel {kernel.Name}: argument {index} {problem}");

    private static InvalidXclbinException Refuse(XclbinFile file, string problem) => new(file.Path, null, problem, Remedy);
}
