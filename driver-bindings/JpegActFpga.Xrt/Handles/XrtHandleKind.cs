namespace JpegActFpga.Xrt;

/// <summary>Kind of a native object, in the order in which they are freed at process exit.</summary>
internal enum XrtHandleKind
{
    Run,
    Buffer,
    Kernel,
    Device,
}
