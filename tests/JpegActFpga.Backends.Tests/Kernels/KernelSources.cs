using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Kernels;

/// <summary>What the kernels' C++ says about itself, as JSON.</summary>
internal static class KernelSources
{
    private static readonly Lazy<JsonDocument> LazyConstants = new(ReadConstants);
    private static readonly Lazy<JsonDocument> LazyStructure = new(ReadStructure);

    /// <summary>Why these tests cannot run here; null where they can.</summary>
    internal static string? WhyNot => CardSetup.SkipReason
        ?? (File.Exists(LibraryPath) ? null : $"{LibraryPath} is missing: run ./build.sh in the repository's root.");

    /// <summary>The folder of the kernels.</summary>
    internal static string Folder => Path.Combine(CardSetup.Repository, "fpga-kernels");

    /// <summary>The constants of <c>constants.hpp</c>, exported by the library of the C simulation.</summary>
    internal static JsonElement Constants => LazyConstants.Value.RootElement;

    /// <summary>Arguments, ports, FIFOs and processes, read from the source by <c>make structure</c>.</summary>
    internal static JsonElement Structure => LazyStructure.Value.RootElement;

    private static string LibraryPath => Path.Combine(CardSetup.Repository, "artifacts", "kernels", "jpegact-csim.so");

    /// <summary>A constant by its C++ name.</summary>
    internal static long Constant(string name) => Constants.GetProperty("constants").GetProperty(name).GetInt64();

    /// <summary>Where a field lies: which u64, its lowest bit, its number of bits.</summary>
    internal static (int Lane, int Low, int Bits) Field(string record, string name)
    {
        JsonElement field = Constants.GetProperty(record).GetProperty(name);
        return (field[0].GetInt32(), field[1].GetInt32(), field[2].GetInt32());
    }

    private static unsafe JsonDocument ReadConstants()
    {
        nint library = NativeLibrary.Load(LibraryPath);
        var export = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "jpegact_constants_json");
        return JsonDocument.Parse(Marshal.PtrToStringUTF8(export())!);
    }

    private static JsonDocument ReadStructure()
    {
        using var make = Process.Start(new ProcessStartInfo("make", ["-s", "-C", Folder, "structure"]) { RedirectStandardOutput = true })!;
        string json = make.StandardOutput.ReadToEnd();
        Assert.True(make.WaitForExit(TimeSpan.FromMinutes(2)), "make structure does not end.");
        Assert.Equal(0, make.ExitCode);
        return JsonDocument.Parse(json);
    }
}
