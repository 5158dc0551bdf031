using System.Runtime.CompilerServices;

namespace JpegActFpga.Core.Memory;

/// <summary>A view of unmanaged memory whose length may exceed 2^31, with every access checked against its bounds.</summary>
/// <typeparam name="T">Element type.</typeparam>
/// <remarks>
/// Does not own the memory: whoever made the view keeps the memory alive for as long as the view is used. Not synchronised.
/// </remarks>
public readonly unsafe struct NativeSpan<T> : IEquatable<NativeSpan<T>>
    where T : unmanaged
{
    private readonly T* _start;

    /// <summary>Initializes a new instance of the <see cref="NativeSpan{T}"/> struct.</summary>
    /// <param name="start">First element; may be null only when <paramref name="length"/> is 0.</param>
    /// <param name="length">Number of elements.</param>
    /// <exception cref="ArgumentException">The pointer is null and the length is not 0, or the length is negative.</exception>
    public NativeSpan(T* start, long length)
    {
        if (length < 0 || (start == null && length != 0))
        {
            throw new ArgumentException($"{length} elements at address 0x{(nuint)start:x} do not make a view.", nameof(length));
        }

        _start = start;
        Length = length;
    }

    /// <summary>Gets the number of elements.</summary>
    public long Length { get; }

    /// <summary>Gets the number of bytes.</summary>
    public long ByteLength => Length * sizeof(T);

    /// <summary>Gets the address of the first element, for native calls and inner loops that check their bounds beforehand.</summary>
    public T* Pointer => _start;

    /// <summary>Gets the address of the first element as a number.</summary>
    public nint Address => (nint)_start;

    /// <summary>Gets an element by reference.</summary>
    /// <param name="index">0 .. Length - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is outside the view.</exception>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)Length)
            {
                ThrowOutside(index, 1);
            }

            return ref _start[index];
        }
    }

    /// <summary>Gives a part of this view.</summary>
    /// <param name="start">First element of the part.</param>
    /// <param name="length">Elements of the part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the view.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NativeSpan<T> Slice(long start, long length)
    {
        if ((ulong)start > (ulong)Length || (ulong)length > (ulong)(Length - start))
        {
            ThrowOutside(start, length);
        }

        return new NativeSpan<T>(_start + start, length);
    }

    /// <summary>Gives a part of this view as an ordinary span.</summary>
    /// <param name="start">First element of the part.</param>
    /// <param name="length">Elements of the part, at most 2^31 - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the view.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> AsSpan(long start, int length)
    {
        if ((ulong)start > (ulong)Length || (ulong)length > (ulong)(Length - start))
        {
            ThrowOutside(start, length);
        }

        return new Span<T>(_start + start, length);
    }

    /// <summary>Gives the same memory seen as elements of another type.</summary>
    /// <typeparam name="TOther">The other type.</typeparam>
    /// <exception cref="InvalidOperationException">The byte length is no multiple of the other type's size.</exception>
    public NativeSpan<TOther> Cast<TOther>()
        where TOther : unmanaged
    {
        if (ByteLength % sizeof(TOther) != 0)
        {
            throw new InvalidOperationException($"{ByteLength} bytes are no whole number of {typeof(TOther).Name} elements.");
        }

        return new NativeSpan<TOther>((TOther*)_start, ByteLength / sizeof(TOther));
    }

    /// <summary>Copies all elements to another view.</summary>
    /// <param name="destination">At least as long as this view; may overlap it.</param>
    /// <exception cref="ArgumentException">The destination is shorter.</exception>
    public void CopyTo(NativeSpan<T> destination)
    {
        if (destination.Length < Length)
        {
            throw new ArgumentException($"Destination holds {destination.Length} elements, {Length} are needed.", nameof(destination));
        }

        Buffer.MemoryCopy(_start, destination._start, destination.ByteLength, ByteLength);
    }

    /// <summary>Sets all bytes to zero.</summary>
    public void Clear()
    {
        byte* at = (byte*)_start;
        for (long left = ByteLength; left > 0;)
        {
            int part = (int)Math.Min(left, 1 << 30);
            new Span<byte>(at, part).Clear();
            at += part;
            left -= part;
        }
    }

    /// <inheritdoc/>
    public bool Equals(NativeSpan<T> other) => _start == other._start && Length == other.Length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is NativeSpan<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine((nint)_start, Length);

    /// <summary>Compares addresses and lengths, not contents.</summary>
    /// <param name="left">A view.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(NativeSpan<T> left, NativeSpan<T> right) => left.Equals(right);

    /// <summary>Compares addresses and lengths, not contents.</summary>
    /// <param name="left">A view.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(NativeSpan<T> left, NativeSpan<T> right) => !left.Equals(right);

    private void ThrowOutside(long start, long length) =>
        throw new ArgumentOutOfRangeException(nameof(start), $"Elements {start} .. {start + length} are not inside a view of {Length}.");
}
