using System.Diagnostics;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Builds the test kernels and packs them into an xclbin, in a directory of its own.</summary>
internal sealed class TestImage : IDisposable
{
    public const int CopyUnits = 4;

    // Banks of the image.
    public const int InputBank = 0;
    public const int OutputBank = 1;
    public const int SmallBank = 2;
    public const int HostBank = 3;
    public const long SmallBankBytes = 1 << 20;

    public TestImage()
    {
        Folder = Directory.CreateTempSubdirectory("jpegact-xrt-tests-").FullName;
        XclbinPath = Path.Combine(Folder, "test.xclbin");
        byte[] library = Compile(Path.Combine(Folder, "test_kernels.so"));
        File.WriteAllBytes(XclbinPath, XclbinWriter.Write(Describe(library)));
    }

    public string Folder { get; }

    public string XclbinPath { get; }

    /// <summary>The same kernels, or any payload, on another number of units: another UUID.</summary>
    public static XclbinDescription Describe(byte[] payload, int copyUnits = CopyUnits)
    {
        XclbinKernel copy = Kernel("copy_words", KernelArgumentKind.ReadBuffer, KernelArgumentKind.WriteBuffer, KernelArgumentKind.Scalar32);
        XclbinKernel fill = Kernel("fill_words", KernelArgumentKind.WriteBuffer, KernelArgumentKind.Scalar64, KernelArgumentKind.Scalar32);
        XclbinKernel gate = Kernel("wait_gate", KernelArgumentKind.ReadBuffer, KernelArgumentKind.WriteBuffer);
        List<XclbinComputeUnit> units = [];
        for (int i = 1; i <= copyUnits; i++)
        {
            units.Add(new XclbinComputeUnit(copy.Name, $"copy_words_{i}", 0x800000 + ((ulong)i * 0x10000), [new(0, InputBank), new(1, OutputBank)]));
        }

        units.Add(new XclbinComputeUnit(fill.Name, "fill_words_1", 0x900000, [new(0, OutputBank)]));
        units.Add(new XclbinComputeUnit(fill.Name, "fill_words_host", 0x910000, [new(0, HostBank)]));
        units.Add(new XclbinComputeUnit(fill.Name, "fill_words_small", 0x920000, [new(0, SmallBank)]));
        units.Add(new XclbinComputeUnit(gate.Name, "wait_gate_1", 0xA00000, [new(0, InputBank), new(1, OutputBank)]));
        units.Add(new XclbinComputeUnit(gate.Name, "wait_gate_2", 0xA10000, [new(0, InputBank), new(1, OutputBank)]));
        return new XclbinDescription
        {
            Platform = "jpegact_emulated_u250_1",
            Payload = payload,
            MemoryBanks =
            [
                new("DDR[0]", XclbinMemoryKind.Ddr4, 0x40_0000_0000, 16L << 30),
                new("DDR[1]", XclbinMemoryKind.Ddr4, 0x50_0000_0000, 16L << 30),
                new("PLRAM[0]", XclbinMemoryKind.Dram, 0x30_0000_0000, (ulong)SmallBankBytes),
                new("HOST[0]", XclbinMemoryKind.Dram, 0x20_0000_0000, 1L << 30),
            ],
            Kernels = [copy, fill, gate],
            ComputeUnits = units,
        };
    }

    public byte[] ReadKernelLibrary() => File.ReadAllBytes(Path.Combine(Folder, "test_kernels.so"));

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static XclbinKernel Kernel(string name, params KernelArgumentKind[] kinds)
        => XclbinDescription.HlsKernel(new KernelSignature(name, [.. kinds.Select((kind, index) => new KernelArgument(index, $"a{index}", kind))]));

    private static byte[] Compile(string output)
    {
        string source = Path.Combine(AppContext.BaseDirectory, "TestKernels", "test_kernels.cpp");
        ProcessStartInfo start = new("g++", ["-std=c++17", "-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", output, source]) { RedirectStandardError = true };
        using Process compiler = Process.Start(start)!;
        string messages = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? File.ReadAllBytes(output) : throw new InvalidOperationException($"g++ failed on {source}: {messages}");
    }
}
