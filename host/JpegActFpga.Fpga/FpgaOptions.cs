using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Fpga;

/// <summary>How a card is used. Checked when a backend is opened.</summary>
public sealed record FpgaOptions
{
    /// <summary>Gets the path of the xclbin; its manifest lies beside it.</summary>
    public required string XclbinPath { get; init; }

    /// <summary>Gets the index of the card, as XRT counts; default 0.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>Gets the most blocks of a launch: a multiple of 64 up to 2^20; default 16384, 4 MiB of float32.</summary>
    public int LaunchBlocks { get; init; } = 16384;

    /// <summary>Gets how long a launch may take before its compute unit counts as hung; 10 ms .. 10 min, default 20 s.</summary>
    /// <remarks>A card needs a millisecond; the default leaves room for an emulated card on a loaded machine.</remarks>
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(DeviceIndex);
        if (LaunchBlocks is < BlockGeometry.TileBlocks or > 1 << 20 || LaunchBlocks % BlockGeometry.TileBlocks != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(LaunchBlocks), LaunchBlocks, "LaunchBlocks must be a multiple of 64, 64 .. 1048576.");
        }

        if (LaunchTimeout < TimeSpan.FromMilliseconds(10) || LaunchTimeout > TimeSpan.FromMinutes(10))
        {
            throw new ArgumentOutOfRangeException(nameof(LaunchTimeout), LaunchTimeout, "LaunchTimeout must be 10 ms .. 10 min.");
        }
    }
}
