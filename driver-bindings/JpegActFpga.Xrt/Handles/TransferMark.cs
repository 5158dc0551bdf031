using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// Says which buffer a thread is transferring, so that nobody frees it meanwhile. A thread writes its own mark with plain
/// stores; whoever closes a buffer pays for that with a barrier on every thread of the process. Two interlocked operations
/// a transfer, SafeHandle's or our own, hold up what comes after them: they took some 10 ns more on an AMD EPYC.
/// </summary>
/// <remarks>
/// A transfer marks the buffer, then looks whether it is closed; a closer closes it, passes the barrier, then looks at the
/// marks. On either side of the barrier the thread's mark was visible to the closer, or the close to the thread. The same
/// holds at the end: a thread whose mark the closer saw finds the buffer closed after it has taken the mark away.
/// </remarks>
internal sealed unsafe class TransferMark
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<nint> Marks = [];

    private static long _lastNumber;

    // A plain number, because the JIT finds that one faster than an object.
    [ThreadStatic]
    private static nint _own;

    // Lives as long as its thread.
    [ThreadStatic]
    private static TransferMark? _owner;

    private readonly Mark* _mark;

    private TransferMark()
    {
        _mark = (Mark*)NativeMemory.AllocZeroed((nuint)sizeof(Mark));
        _mark->ErrorNumber = Interop.LibC.ErrorNumberLocation();
        lock (Gate)
        {
            Marks.Add((nint)_mark);
        }
    }

    /// <summary>Finalizes an instance of the <see cref="TransferMark"/> class: its thread has ended.</summary>
    ~TransferMark()
    {
        lock (Gate)
        {
            Marks.Remove((nint)_mark);
        }

        NativeMemory.Free(_mark);
    }

    /// <summary>Gets the calling thread's mark.</summary>
    internal static Mark* Own
    {
        get
        {
            nint own = _own;
            return own != 0 ? (Mark*)own : Register();
        }
    }

    /// <summary>Gives a buffer the number by which it is marked: native handles are used again, numbers are not.</summary>
    /// <returns>Never 0.</returns>
    internal static long NextNumber() => Interlocked.Increment(ref _lastNumber);

    /// <summary>Leaves the closing of a buffer to the last transfer of it.</summary>
    /// <param name="buffer">Number of a buffer that new transfers see closed.</param>
    /// <param name="isLeft">Set where there is such a transfer.</param>
    /// <returns>False where no transfer is under way: the buffer is the caller's to close.</returns>
    internal static bool TryLeaveToTransfers(long buffer, ref bool isLeft)
    {
        Interlocked.MemoryBarrierProcessWide();
        lock (Gate)
        {
            isLeft = IsMarked(buffer);
            return isLeft;
        }
    }

    /// <summary>Tells whether a buffer that was left to transfers is the caller's to close.</summary>
    /// <param name="buffer">Its number; the caller has cleared its mark.</param>
    /// <param name="isLeft">What <see cref="TryLeaveToTransfers"/> set; cleared for the one who gets the buffer.</param>
    internal static bool TryTake(long buffer, ref bool isLeft)
    {
        lock (Gate)
        {
            if (!isLeft || IsMarked(buffer))
            {
                return false;
            }

            isLeft = false;
            return true;
        }
    }

    private static bool IsMarked(long buffer)
    {
        foreach (nint mark in Marks)
        {
            if (Volatile.Read(ref ((Mark*)mark)->Buffer) == buffer)
            {
                return true;
            }
        }

        return false;
    }

    private static Mark* Register()
    {
        _owner = new TransferMark();
        _own = (nint)_owner._mark;
        return _owner._mark;
    }

    /// <summary>A thread's mark; only that thread writes to it.</summary>
    internal struct Mark
    {
        /// <summary>Number of the buffer, 0 for none.</summary>
        internal long Buffer;

        /// <summary>The thread's errno.</summary>
        internal int* ErrorNumber;
    }
}
