using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters.Json;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using JpegActFpga.Benchmarks;
using JpegActFpga.Benchmarks.Codec;
using JpegActFpga.Benchmarks.Fuzz;
using JpegActFpga.Benchmarks.Overhead;

// The CPU codec has a harness of its own: it times side by side what it compares, and threads, caches and other codecs.
if (args is ["codec", .. string[] rest])
{
    return CodecBench.Run(rest);
}

if (args is ["fuzz", .. string[] options])
{
    return FuzzRun.Run(options);
}

if (args is ["overhead", .. string[] turns])
{
    return OverheadBench.Run(turns);
}

// In process: the card's plug-in and the xclbin come from this process's environment (build.sh sets it).
IConfig config = DefaultConfig.Instance
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(10))
    .AddColumn(new ThroughputColumn())
    .AddExporter(JsonExporter.Full)
    .WithOptions(ConfigOptions.JoinSummary)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "BenchmarkDotNet.Artifacts"));
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
return 0;
