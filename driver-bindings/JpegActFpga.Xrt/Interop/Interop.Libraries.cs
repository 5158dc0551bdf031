namespace JpegActFpga.Xrt;

/// <summary>Every native function that this assembly calls.</summary>
internal static partial class Interop
{
    /// <summary>Names of native libraries, as the dynamic loader knows them.</summary>
    internal static class Libraries
    {
        /// <summary>XRT's user-space library; resolved by <see cref="XrtLibrary"/>, never by the default search.</summary>
        internal const string XrtCoreUtil = "libxrt_coreutil.so.2";

        /// <summary>The GNU C library: XRT is built for it alone.</summary>
        internal const string LibC = "libc.so.6";
    }
}
