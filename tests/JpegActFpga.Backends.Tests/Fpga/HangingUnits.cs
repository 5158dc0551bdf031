using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Fpga;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>Limits for tests of units that hang: short while something is about to hang, and all the time there is for what shall work.</summary>
internal sealed class HangingUnits
{
    private volatile bool _isHanging = true;

    internal FpgaOptions Options => CardsFixture.Options() with { LaunchTimeoutNow = () => _isHanging ? TimeSpan.FromSeconds(0.3) : Wait.Patience };

    /// <summary>Launches from now on shall hang, or not.</summary>
    internal void Hang(bool expected = true) => _isHanging = expected;
}
