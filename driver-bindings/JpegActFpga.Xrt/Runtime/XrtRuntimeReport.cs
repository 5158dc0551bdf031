namespace JpegActFpga.Xrt;

/// <summary>What a probe of the XRT installation found. Immutable: safe from any thread.</summary>
public sealed record XrtRuntimeReport
{
    /// <summary>Gets the path of libxrt_coreutil that was or would be loaded, its bare name where the dynamic loader found it, null where there is none.</summary>
    public string? LibraryPath { get; init; }

    /// <summary>Gets the places that were looked at for the library, in order.</summary>
    public IReadOnlyList<string> LibraryPathsTried { get; init; } = [];

    /// <summary>Gets XRT's version as the library's file name tells it, such as 2.13.0; null where it cannot be told.</summary>
    public Version? Version { get; init; }

    /// <summary>Gets the environment variable XILINX_XRT as native code sees it; null where unset.</summary>
    public string? XilinxXrt { get; init; }

    /// <summary>Gets the environment variable XCL_EMULATION_MODE as native code sees it; null where unset.</summary>
    public string? EmulationMode { get; init; }

    /// <summary>Gets the path of the driver plug-in that XRT will load, existing or not; null where it cannot be told.</summary>
    public string? CorePluginPath { get; init; }

    /// <summary>Gets what prevents XRT's use, as a sentence; null where nothing does.</summary>
    public string? Problem { get; init; }

    /// <summary>Gets what to do about <see cref="Problem"/>, as a sentence; null where there is none.</summary>
    public string? Remedy { get; init; }

    /// <summary>Gets a value indicating whether XRT can be called. It says nothing about cards: open one to know.</summary>
    public bool IsUsable => Problem is null;
}
