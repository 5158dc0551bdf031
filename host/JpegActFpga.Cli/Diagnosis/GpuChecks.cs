using JpegActFpga.Cli.Reports;
using JpegActFpga.Cuda;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Cli.Diagnosis;

/// <summary>What the GPU codec and torch on a GPU need. A machine without a GPU lacks nothing: no check here is of use there.</summary>
internal static class GpuChecks
{
    /// <summary>Runs the checks.</summary>
    internal static IEnumerable<CheckPart> Run()
    {
        CudaRuntimeReport report = CudaRuntime.Inspect();
        if (report.Problem is not null)
        {
            yield return CheckPart.Info("GPU", $"none: {report.Problem} {report.Remedy}");
            yield break;
        }

        foreach (CudaDevice device in report.Devices)
        {
            string kind = report.IsEmulated ? $", {report.Library}" : $", compute capability {device.ComputeCapability / 10}.{device.ComputeCapability % 10}, {Numbers.MiB(device.MemoryBytes)}, CUDA {report.DriverVersion / 1000}.{report.DriverVersion % 1000 / 10}";
            yield return CheckPart.Ok($"GPU {device.Index}", device.Name + kind);
        }

        yield return TorchCuda.IsAvailable(out string whyNot)
            ? CheckPart.Ok("torch on the GPU", $"with {TorchLibraries.Folder ?? "the libtorch beside the program"}")
            : CheckPart.Info("torch on the GPU", whyNot);
    }
}
