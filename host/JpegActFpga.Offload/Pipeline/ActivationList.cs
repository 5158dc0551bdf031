namespace JpegActFpga.Offload.Pipeline;

/// <summary>A first-in, first-out list through <see cref="Activation.Next"/>. Not synchronised; an activation is in one such list at a time.</summary>
internal struct ActivationList
{
    private Activation? _first;
    private Activation? _last;

    /// <summary>Gets a value indicating whether there is none.</summary>
    internal readonly bool IsEmpty => _first is null;

    /// <summary>Appends.</summary>
    /// <param name="activation">In no list.</param>
    internal void Add(Activation activation)
    {
        activation.Next = null;
        if (_last is null)
        {
            _first = activation;
        }
        else
        {
            _last.Next = activation;
        }

        _last = activation;
    }

    /// <summary>Takes the first; null where there is none.</summary>
    internal Activation? Take()
    {
        Activation? first = _first;
        if (first is not null)
        {
            Unlink(null, first);
        }

        return first;
    }

    /// <summary>Takes the first that a thread stashed; null where there is none.</summary>
    /// <param name="thread">The thread.</param>
    internal Activation? TakeOf(int thread)
    {
        Activation? before = null;
        for (Activation? at = _first; at is not null; before = at, at = at.Next)
        {
            if (at.Thread == thread)
            {
                Unlink(before, at);
                return at;
            }
        }

        return null;
    }

    /// <summary>Tells whether there is one that a thread stashed.</summary>
    /// <param name="thread">The thread.</param>
    internal readonly bool HasOf(int thread)
    {
        for (Activation? at = _first; at is not null; at = at.Next)
        {
            if (at.Thread == thread)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes one out; false where it is not in the list.</summary>
    /// <param name="activation">It.</param>
    internal bool Remove(Activation activation)
    {
        Activation? before = null;
        for (Activation? at = _first; at is not null; before = at, at = at.Next)
        {
            if (at == activation)
            {
                Unlink(before, at);
                return true;
            }
        }

        return false;
    }

    private void Unlink(Activation? before, Activation activation)
    {
        if (before is null)
        {
            _first = activation.Next;
        }
        else
        {
            before.Next = activation.Next;
        }

        if (_last == activation)
        {
            _last = before;
        }

        activation.Next = null;
    }
}
