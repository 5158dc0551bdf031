namespace JpegActFpga.Gpu.Tests.Support;

/// <summary>Faults and counters are the process's: tests of the GPU run one after another.</summary>
[CollectionDefinition(Name)]
public class GpuTestGroup
{
    public const string Name = "gpu";
}
