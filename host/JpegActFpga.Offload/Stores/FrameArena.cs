using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>
/// Memory for frames, which come in forward passes and go in backward ones: the newest lies behind the others, and goes
/// first. A frame is made in the place in which it stays, and what it does not need of that place is there for the next one.
/// Safe from any thread.
/// </summary>
/// <remarks>
/// Places are the lowest that are large enough. Pages stay resident from one step to the next. A region that stood empty
/// while all others were filled and emptied goes back to the system.
/// </remarks>
internal sealed class FrameArena : IDisposable
{
    /// <summary>Bytes of a region, unless one place needs more. Only what is written to becomes resident.</summary>
    internal const long RegionBytes = 64L << 20;

    private static long _occupied;

    private readonly Lock _lock = new();
    private readonly List<Region> _regions = [];
    private readonly HashSet<nint> _pinned = [];
    private int _places;
    private bool _disposed;

    /// <summary>Gets the bytes that arenas of this process keep in use: frames, and the gaps between them.</summary>
    internal static long OccupiedBytes => Interlocked.Read(ref _occupied);

    /// <summary>Gets the number of regions.</summary>
    internal int Regions
    {
        get
        {
            lock (_lock)
            {
                return _regions.Count;
            }
        }
    }

    /// <summary>Takes a place.</summary>
    /// <param name="bytes">Bytes, 1 or more.</param>
    /// <returns>So many bytes, aligned to a cache line.</returns>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    /// <exception cref="ObjectDisposedException">The arena was disposed.</exception>
    internal NativeSpan<byte> Take(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        long whole = WholeLines(bytes);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (Region region in _regions)
            {
                if (region.TryTake(whole, out long at))
                {
                    _places++;
                    return region.Memory.Bytes.Slice(at, bytes);
                }
            }

            var another = new Region(Math.Max(RegionBytes, whole));
            _regions.Add(another);
            another.TryTake(whole, out long start);
            _places++;
            return another.Memory.Bytes.Slice(start, bytes);
        }
    }

    /// <summary>Gives the end of a place back.</summary>
    /// <param name="address">Where the place begins.</param>
    /// <param name="bytes">Bytes to keep, 1 or more, at most those taken.</param>
    internal void Shrink(nint address, long bytes)
    {
        lock (_lock)
        {
            Region region = Of(address);
            region.Resize(address - region.Memory.Bytes.Address, WholeLines(bytes));
        }
    }

    /// <summary>Leaves a place as it is for good: to give it back does nothing.</summary>
    /// <param name="address">Where it begins.</param>
    internal void Pin(nint address)
    {
        lock (_lock)
        {
            _pinned.Add(address);
        }
    }

    /// <summary>Gives a place back. After <see cref="Dispose"/>, the last one of a region gives the region back.</summary>
    /// <param name="address">Where it begins.</param>
    internal void Give(nint address)
    {
        lock (_lock)
        {
            if (_pinned.Contains(address))
            {
                return;
            }

            Region region = Of(address);
            region.Give(address - region.Memory.Bytes.Address);
            _places--;
            if (_disposed && region.IsEmpty)
            {
                region.Memory.Dispose();
                _regions.Remove(region);
            }
            else if (_places == 0)
            {
                ReturnIdle();
            }
        }
    }

    /// <summary>Gives all regions back whose places were given back; others follow with their last place.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (Region region in _regions.Where(region => region.IsEmpty))
            {
                region.Memory.Dispose();
            }

            _regions.RemoveAll(region => region.IsEmpty);
        }
    }

    private static long WholeLines(long bytes) => checked(bytes + NativeBuffer.LineBytes - 1) / NativeBuffer.LineBytes * NativeBuffer.LineBytes;

    private Region Of(nint address)
    {
        foreach (Region region in _regions)
        {
            NativeSpan<byte> all = region.Memory.Bytes;
            if (address >= all.Address && address - all.Address < all.Length)
            {
                return region;
            }
        }

        throw new ArgumentException($"Address 0x{address:x} is no place of this arena.", nameof(address));
    }

    private void ReturnIdle()
    {
        for (int i = _regions.Count - 1; i >= 0; i--)
        {
            Region region = _regions[i];
            if (region.WasUsed)
            {
                region.WasUsed = false;
            }
            else
            {
                region.Memory.Dispose();
                _regions.RemoveAt(i);
            }
        }
    }

    /// <summary>One region, and its places in the order of their addresses.</summary>
    private sealed class Region(long bytes)
    {
        private readonly List<(long Start, long End)> _places = [];

        internal PageRegion Memory { get; } = new(bytes);

        internal bool IsEmpty => _places.Count == 0;

        /// <summary>Gets or sets a value indicating whether it had a place since the arena was empty last.</summary>
        internal bool WasUsed { get; set; }

        private long Top => _places.Count == 0 ? 0 : _places[^1].End;

        internal bool TryTake(long bytes, out long start)
        {
            start = 0;
            int index = 0;
            for (; index < _places.Count && _places[index].Start - start < bytes; index++)
            {
                start = _places[index].End;
            }

            if (index == _places.Count && Memory.ByteLength - start < bytes)
            {
                return false;
            }

            long top = Top;
            _places.Insert(index, (start, start + bytes));
            WasUsed = true;
            Interlocked.Add(ref _occupied, Top - top);
            return true;
        }

        internal void Resize(long start, long bytes)
        {
            int index = Find(start);
            long top = Top;
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _places[index].End - start);
            _places[index] = (start, start + bytes);
            Interlocked.Add(ref _occupied, Top - top);
        }

        internal void Give(long start)
        {
            long top = Top;
            _places.RemoveAt(Find(start));
            Interlocked.Add(ref _occupied, Top - top);
        }

        private int Find(long start)
        {
            int low = 0;
            int high = _places.Count - 1;
            while (low <= high)
            {
                int middle = (low + high) / 2;
                if (_places[middle].Start == start)
                {
                    return middle;
                }

                (low, high) = _places[middle].Start < start ? (middle + 1, high) : (low, middle - 1);
            }

            throw new ArgumentException($"Byte {start} is not where a place begins.", nameof(start));
        }
    }
}
