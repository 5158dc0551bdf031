using JpegActFpga.Core.Memory;
using Microsoft.Win32.SafeHandles;

namespace JpegActFpga.Offload.Stores;

/// <summary>
/// Keeps frames in a temporary file that has no name from the start: it is gone when the store is disposed or the process
/// ends, however it ends. Safe from any thread; calls on different frames run beside each other.
/// </summary>
public sealed class FileStore : IFrameStore
{
    private readonly FrameTable _frames = new(nameof(FileStore));
    private readonly FileExtents _extents = new();
    private readonly SafeFileHandle _file;
    private readonly long _maxBytes;

    /// <summary>Initializes a new instance of the <see cref="FileStore"/> class.</summary>
    /// <param name="directory">A folder that exists; null for the system's temporary folder.</param>
    /// <param name="maxBytes">Most bytes that the file may grow to; 1 or more.</param>
    /// <exception cref="IOException">The file cannot be made; the message names the folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public FileStore(string? directory = null, long maxBytes = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        directory = Path.GetFullPath(directory ?? Path.GetTempPath());
        string path = Path.Combine(directory, $"jpegact-spill-{Environment.ProcessId}-{Guid.NewGuid():n}");
        _file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Delete(path);
        _maxBytes = maxBytes;
        Name = $"a spill file in {directory}";
    }

    /// <summary>Initializes a new instance of the <see cref="FileStore"/> class on a file of the caller's choice, for tests.</summary>
    /// <param name="file">The file; the store's from now on.</param>
    /// <param name="name">What messages call it.</param>
    internal FileStore(SafeFileHandle file, string name) => (_file, Name, _maxBytes) = (file, name, long.MaxValue);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long HeldBytes => _frames.HeldBytes;

    /// <summary>Gets the bytes of the file: the most that were held at once, rounded up.</summary>
    public long FileBytes => _extents.End;

    /// <inheritdoc/>
    public FrameHandle Put(NativeSpan<byte> frame)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        if (!_extents.TryTake(frame.Length, _maxBytes, out long offset))
        {
            throw new FrameLostException($"A frame of {frame.Length} bytes does not fit {Name}, which holds {HeldBytes} bytes and may grow to {_maxBytes}.");
        }

        try
        {
            for (long done = 0; done < frame.Length;)
            {
                int part = (int)Math.Min(frame.Length - done, 1 << 30);
                RandomAccess.Write(_file, frame.AsSpan(done, part), offset + done);
                done += part;
            }

            return _frames.Add(offset, frame.Length);
        }
        catch (Exception error)
        {
            _extents.Give(offset, frame.Length);
            if (error is IOException)
            {
                throw new FrameLostException($"A frame of {frame.Length} bytes could not be written to {Name}, which holds {HeldBytes} bytes: {error.Message}", error);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room)
    {
        long offset = _frames.Find(handle);
        NativeSpan<byte> frame = room.Slice(0, handle.Length);
        try
        {
            for (long done = 0; done < frame.Length;)
            {
                int read = RandomAccess.Read(_file, frame.AsSpan(done, (int)Math.Min(frame.Length - done, 1 << 30)), offset + done);
                if (read == 0)
                {
                    throw new FrameLostException($"{Name} ends at byte {offset + done}, inside a frame of {handle.Length} bytes.");
                }

                done += read;
            }
        }
        catch (IOException error)
        {
            throw new FrameLostException($"A frame of {handle.Length} bytes could not be read from {Name}: {error.Message}", error);
        }

        return frame;
    }

    /// <inheritdoc/>
    public bool Remove(FrameHandle handle)
    {
        bool removed = _frames.TryRemove(handle, out long offset);
        if (removed)
        {
            _extents.Give(offset, handle.Length);
        }

        return removed;
    }

    /// <summary>Closes the file, which frees its blocks on the disk.</summary>
    public void Dispose()
    {
        while (_frames.TryDrain(out _))
        {
            // The file goes as a whole.
        }

        _file.Dispose();
    }
}
