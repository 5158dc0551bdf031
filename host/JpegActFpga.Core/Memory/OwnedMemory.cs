namespace JpegActFpga.Core.Memory;

/// <summary>Owns unmanaged memory, which is freed when this is disposed of or collected.</summary>
/// <remarks>Thread-safe as far as reading <see cref="Bytes"/>; disposing while someone uses the memory is the owner's error.</remarks>
public abstract unsafe class OwnedMemory : IDisposable
{
    private byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="OwnedMemory"/> class.</summary>
    /// <param name="memory">The memory; not null.</param>
    /// <param name="byteLength">Usable bytes.</param>
    private protected OwnedMemory(byte* memory, long byteLength)
    {
        _memory = memory;
        ByteLength = byteLength;
    }

    /// <summary>Finalizes an instance of the <see cref="OwnedMemory"/> class.</summary>
    ~OwnedMemory() => FreeOnce();

    /// <summary>Gets the usable bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Gets a view of the whole memory.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public NativeSpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory == null, this);
            return new NativeSpan<byte>(_memory, ByteLength);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreeOnce();
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back to where it came from.</summary>
    /// <param name="memory">The memory.</param>
    private protected abstract void Free(byte* memory);

    private void FreeOnce()
    {
        // Null too where a derived class's constructor threw before it had any.
        if (_memory != null)
        {
            Free(_memory);
            _memory = null;
        }
    }
}
