namespace JpegActFpga.Fpga.Buffers;

/// <summary>The buffers of a card that nobody uses, by bank and size class. One thread at a time; adding and taking allocate nothing in the steady state.</summary>
internal sealed class IdleBuffers
{
    private readonly Dictionary<int, Stack<CardBuffer>[]> _shelves = [];
    private long _returns;

    /// <summary>Gets the number of all.</summary>
    internal int Count { get; private set; }

    /// <summary>Gets the bytes of all.</summary>
    internal long Bytes { get; private set; }

    /// <summary>Adds a buffer that was just used.</summary>
    /// <param name="buffer">The buffer.</param>
    internal void Add(CardBuffer buffer)
    {
        buffer.LastUse = ++_returns;
        PutBack(buffer);
    }

    /// <summary>Puts a buffer back that was taken and not used.</summary>
    /// <param name="buffer">The buffer.</param>
    internal void PutBack(CardBuffer buffer)
    {
        Shelf(buffer.Bank)[buffer.SizeClass].Push(buffer);
        Bytes += buffer.Length;
        Count++;
    }

    /// <summary>Takes a buffer, the one used last; null where there is none.</summary>
    /// <param name="bank">Its memory bank.</param>
    /// <param name="sizeClass">Its size class.</param>
    internal CardBuffer? TryTake(int bank, int sizeClass)
    {
        if (!Shelf(bank)[sizeClass].TryPop(out CardBuffer? buffer))
        {
            return null;
        }

        Bytes -= buffer.Length;
        Count--;
        return buffer;
    }

    /// <summary>Takes the buffers whose last use is longest ago.</summary>
    /// <param name="bytes">So many bytes of them, or more; all where there are fewer.</param>
    /// <param name="taken">Receives them.</param>
    /// <returns>Their bytes.</returns>
    internal long TakeOldest(long bytes, List<CardBuffer> taken)
    {
        long sum = 0;
        while (sum < bytes && Oldest() is { } stack)
        {
            CardBuffer buffer = stack.Pop();
            sum += buffer.Length;
            taken.Add(buffer);
            Count--;
        }

        Bytes -= sum;
        return sum;
    }

    private Stack<CardBuffer>? Oldest()
    {
        Stack<CardBuffer>? oldest = null;
        foreach (Stack<CardBuffer>[] shelf in _shelves.Values)
        {
            foreach (Stack<CardBuffer> stack in shelf)
            {
                if (stack.TryPeek(out CardBuffer? top) && (oldest is null || top.LastUse < oldest.Peek().LastUse))
                {
                    oldest = stack;
                }
            }
        }

        return oldest;
    }

    private Stack<CardBuffer>[] Shelf(int bank)
    {
        if (!_shelves.TryGetValue(bank, out Stack<CardBuffer>[]? shelf))
        {
            shelf = new Stack<CardBuffer>[SizeClass.Count];
            for (int i = 0; i < shelf.Length; i++)
            {
                shelf[i] = new Stack<CardBuffer>();
            }

            _shelves.Add(bank, shelf);
        }

        return shelf;
    }
}
