using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;

namespace JpegActFpga.Cli.Diagnosis;

/// <summary>What training on this processor needs, and what is worth knowing of the machine.</summary>
internal static class HostChecks
{
    /// <summary>Runs the checks.</summary>
    /// <param name="dataFolder">Folder of Fashion-MNIST.</param>
    internal static IEnumerable<CheckPart> Run(string dataFolder)
    {
        yield return CheckPart.Ok(".NET", RuntimeInformation.FrameworkDescription);
        foreach (CheckPart check in Torch())
        {
            yield return check;
        }

        yield return FashionMnist.IsAvailable(dataFolder)
            ? CheckPart.Ok("Fashion-MNIST", dataFolder)
            : CheckPart.MissingOne("Fashion-MNIST", $"not in {dataFolder}", $"apt-get install {FashionMnist.Package}, or train --data fashion-mnist:DIR");
        yield return CheckPart.Info("processor", $"{Machine.ProcessorName()}, {Environment.ProcessorCount} logical, {Vectors()}");
        yield return CheckPart.Info("memory", $"{Numbers.MiB(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)} for this process");
    }

    private static IEnumerable<CheckPart> Torch()
    {
        string? problem = null;
        try
        {
            TorchRuntime.EnsureLoaded();
        }
        catch (DllNotFoundException error)
        {
            problem = error.Message;
        }

        if (problem is not null)
        {
            yield return CheckPart.MissingOne("libtorch", problem, "build again: ./build.sh");
            yield break;
        }

        yield return CheckPart.Ok("libtorch", Machine.TorchName());
        yield return SavedTensorsHooks.TryInstall(out string whyNot)
            ? CheckPart.Ok("autograd hooks", "installed")
            : CheckPart.MissingOne("autograd hooks", whyNot, "use the libtorch that this program was built with");
    }

    private static string Vectors() => string.Join(", ", new[]
    {
        (Name: "SSE4.2", Has: Sse42.IsSupported),
        (Name: "AVX2", Has: Avx2.IsSupported),
        (Name: "FMA", Has: Fma.IsSupported),
        (Name: "AVX-512", Has: Avx512F.IsSupported),
    }.Where(set => set.Has).Select(set => set.Name).DefaultIfEmpty("no vector sets known here"));
}
