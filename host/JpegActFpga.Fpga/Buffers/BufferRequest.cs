namespace JpegActFpga.Fpga.Buffers;

/// <summary>A buffer that a launch needs.</summary>
/// <param name="Bank">Memory bank.</param>
/// <param name="Bytes">Bytes at least; 1 or more.</param>
internal readonly record struct BufferRequest(int Bank, long Bytes);
