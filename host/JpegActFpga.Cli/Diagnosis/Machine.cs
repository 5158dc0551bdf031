using JpegActFpga.Cuda;
using TorchSharp;

namespace JpegActFpga.Cli.Diagnosis;

/// <summary>Names of what this process runs on.</summary>
internal static class Machine
{
    /// <summary>Gives the processor's name as the kernel has it.</summary>
    internal static string ProcessorName()
    {
        const string Key = "model name";
        try
        {
            string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith(Key, StringComparison.Ordinal));
            return line is null ? "processor of unknown name" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (IOException)
        {
            return "processor of unknown name";
        }
    }

    /// <summary>Gives a GPU's name as its driver has it; says so where it is emulated.</summary>
    /// <param name="index">Its index.</param>
    internal static string GpuName(int index) => CudaRuntime.Inspect().Devices.FirstOrDefault(device => device.Index == index)?.Name ?? $"GPU {index}";

    /// <summary>Names torch's versions. Loads it.</summary>
    internal static string TorchName() => $"{torch.__version__}, TorchSharp {typeof(torch).Assembly.GetName().Version?.ToString(3)}";
}
