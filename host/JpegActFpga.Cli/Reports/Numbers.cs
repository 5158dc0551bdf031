using System.Globalization;

namespace JpegActFpga.Cli.Reports;

/// <summary>How numbers look in texts.</summary>
internal static class Numbers
{
    /// <summary>Gives a byte count in full.</summary>
    /// <param name="count">Bytes.</param>
    internal static string Bytes(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes");

    /// <summary>Gives a byte count in MiB.</summary>
    /// <param name="count">Bytes.</param>
    internal static string MiB(long count) => string.Create(CultureInfo.InvariantCulture, $"{count / 1048576.0:N1} MiB");

    /// <summary>Gives a ratio.</summary>
    /// <param name="ratio">The ratio.</param>
    internal static string Ratio(double ratio) => string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}");

    /// <summary>Gives an error measure with four significant digits.</summary>
    /// <param name="value">The value.</param>
    internal static string Small(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>Gives tensor bytes over frame bytes.</summary>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    /// <param name="frameBytes">Bytes of the frame, above 0.</param>
    internal static double RatioOf(long tensorBytes, long frameBytes) => (double)tensorBytes / frameBytes;
}
