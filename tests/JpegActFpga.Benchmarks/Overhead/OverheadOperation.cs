namespace JpegActFpga.Benchmarks.Overhead;

/// <summary>What is timed; the same list as in tests/HostOverhead/host_overhead.h.</summary>
internal enum OverheadOperation
{
    /// <summary>Sync of the input buffer to the card.</summary>
    ToCard = 0,

    /// <summary>Sync of the output buffer from the card.</summary>
    FromCard = 1,

    /// <summary>Write the input buffer, sync it to the card, sync it back.</summary>
    RoundTrip = 2,

    /// <summary>Write the input buffer, sync, run the copy kernel, wait, sync the output buffer back.</summary>
    Launch = 3,
}

/// <summary>Whose interface the C++ program uses; the same list as in tests/HostOverhead/host_overhead.h.</summary>
internal enum OverheadInterface
{
    /// <summary>XRT's C++ interface: the yardstick.</summary>
    Cpp = 0,

    /// <summary>XRT's C interface, which the bindings call: what it costs over C++ is not the bindings'.</summary>
    C = 1,
}
