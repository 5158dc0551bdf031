using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>How far the buffers of a launch are taken, as its parts are laid out in them one after another.</summary>
internal struct LaunchExtents
{
    private const long WordBytes = KernelInterface.WordBytes;

    private long _dataWords;
    private long _indexInWords;
    private long _indexOutWords;
    private long _masksWords;
    private long _valuesWords;

    /// <summary>Initializes a new instance of the <see cref="LaunchExtents"/> struct.</summary>
    /// <param name="descriptors">Descriptors of the launch: they and their results come first.</param>
    internal LaunchExtents(int descriptors)
    {
        _indexInWords = descriptors * (KernelInterface.DescriptorBytes / WordBytes);
        _indexOutWords = descriptors * (LaunchResult.Bytes / WordBytes);
    }

    /// <summary>Gives the bytes of a buffer that are taken.</summary>
    /// <param name="buffer">The buffer.</param>
    internal readonly long BytesOf(LaunchBuffer buffer) => WordBytes * buffer switch
    {
        LaunchBuffer.Data => _dataWords,
        LaunchBuffer.IndexIn => _indexInWords,
        LaunchBuffer.IndexOut => _indexOutWords,
        LaunchBuffer.Masks => _masksWords,
        _ => _valuesWords,
    };

    /// <summary>Takes bytes of a buffer, from a word on.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="bytes">How many; the rest of the last word stays unused.</param>
    /// <returns>The first word.</returns>
    internal long Take(LaunchBuffer buffer, long bytes)
    {
        long words = (bytes + WordBytes - 1) / WordBytes;
        return buffer switch
        {
            LaunchBuffer.Data => Advance(ref _dataWords, words),
            LaunchBuffer.IndexIn => Advance(ref _indexInWords, words),
            LaunchBuffer.IndexOut => Advance(ref _indexOutWords, words),
            LaunchBuffer.Masks => Advance(ref _masksWords, words),
            _ => Advance(ref _valuesWords, words),
        };
    }

    private static long Advance(ref long taken, long words)
    {
        long first = taken;
        taken += words;
        return first;
    }
}
