using System.Text.Json;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu;
using JpegActFpga.Gpu.Benchmarks;

// bench gpu [--json FILE] [--max-mib N] [--check]
const int NoDevice = 3;
string? json = null;
long maxMiB = 1024;
bool check = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--json" when i + 1 < args.Length:
            json = args[++i];
            break;
        case "--max-mib" when i + 1 < args.Length && long.TryParse(args[i + 1], out maxMiB) && maxMiB >= 1:
            i++;
            break;
        case "--check":
            check = true;
            break;
        default:
            Console.Error.WriteLine($"usage: bench gpu [--json FILE] [--max-mib N (1 or more, default 1024)] [--check]\n  --check  run everything once on small tensors and give no figures; what the emulated GPU is good for\nnot understood: {args[i]}");
            return 2;
    }
}

CudaRuntimeReport report = CudaRuntime.Inspect();
if (report.Problem is not null)
{
    Console.WriteLine($"SKIP bench gpu: {report.Problem} {report.Remedy}");
    return NoDevice;
}

if (report.IsEmulated && !check)
{
    Console.WriteLine("SKIP bench gpu: this is the EMULATED GPU; its times say nothing about a GPU. --check runs everything once without figures.");
    return NoDevice;
}

CudaDevice device = report.Devices[0];
Console.WriteLine($"{device.Name}, compute capability {device.ComputeCapability / 10}.{device.ComputeCapability % 10}, {device.MemoryBytes >> 20} MiB, a driver for CUDA {report.DriverVersion / 1000}.{report.DriverVersion % 1000 / 10}, {report.Library}");
GpuBackend opened;
try
{
    opened = GpuBackend.Open();
}
catch (CudaException error)
{
    Console.WriteLine($"FAIL bench gpu: {error.Message}");
    return 1;
}

await using GpuBackend gpu = opened;
var bench = new GpuBench(gpu, Console.Out);
if (check)
{
    await bench.CheckAsync();
    Console.WriteLine($"every part ran on {gpu.Capabilities.Device}; no figures were asked for");
    return 0;
}

GpuFigures figures = await bench.MeasureAsync(maxMiB << 20);
if (json is not null)
{
    await File.WriteAllTextAsync(json, JsonSerializer.Serialize(figures, GpuFiguresJson.Default.GpuFigures));
}

return 0;
