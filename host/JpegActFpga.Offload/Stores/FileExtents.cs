namespace JpegActFpga.Offload.Stores;

/// <summary>
/// Hands out ranges of a file in size classes, four to a doubling, from 4 KiB. A range given back serves the next frame of
/// its class: the frames of one training step are those of the next, so the file stops growing after the first. Safe from
/// any thread.
/// </summary>
internal sealed class FileExtents
{
    private const int LeastShift = 12;
    private const int StepsPerDoubling = 4;
    private const int Classes = (63 - LeastShift) * StepsPerDoubling;

    private readonly Lock _lock = new();
    private readonly Stack<long>?[] _free = new Stack<long>?[Classes];
    private long _end;

    /// <summary>Gets the end of the last range ever handed out.</summary>
    internal long End => Interlocked.Read(ref _end);

    /// <summary>Takes a range.</summary>
    /// <param name="bytes">Bytes needed, 1 or more.</param>
    /// <param name="limit">The file's largest size.</param>
    /// <param name="offset">Where it begins: a multiple of 1 KiB.</param>
    internal bool TryTake(long bytes, long limit, out long offset)
    {
        (int index, long size) = ClassOf(bytes);
        lock (_lock)
        {
            if (_free[index] is { Count: > 0 } known)
            {
                offset = known.Pop();
                return true;
            }

            offset = _end;
            if (size > limit - _end)
            {
                return false;
            }

            _end += size;
            return true;
        }
    }

    /// <summary>Gives a range back.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="bytes">Bytes asked for when it was taken.</param>
    internal void Give(long offset, long bytes)
    {
        int index = ClassOf(bytes).Index;
        lock (_lock)
        {
            (_free[index] ??= new Stack<long>()).Push(offset);
        }
    }

    private static (int Index, long Size) ClassOf(long bytes)
    {
        int shift = LeastShift;
        while (shift < 62 && bytes > 1L << shift)
        {
            shift++;
        }

        if (shift == LeastShift)
        {
            return (0, 1L << LeastShift);
        }

        // Between half and whole: the first of four steps that is enough.
        long half = 1L << (shift - 1);
        long step = half / StepsPerDoubling;
        long steps = (bytes - half + step - 1) / step;
        return (((shift - 1 - LeastShift) * StepsPerDoubling) + (int)steps, half + (steps * step));
    }
}
