namespace JpegActFpga.Offload.Pipeline;

/// <summary>The activations alive, in the order of their stashes. Not synchronised.</summary>
internal struct LiveActivations
{
    private Activation? _newest;

    /// <summary>Adds the newest.</summary>
    /// <param name="activation">Not in the list.</param>
    internal void Add(Activation activation)
    {
        activation.Older = _newest;
        activation.Newer = null;
        if (_newest is not null)
        {
            _newest.Newer = activation;
        }

        _newest = activation;
    }

    /// <summary>Takes one out.</summary>
    /// <param name="activation">In the list.</param>
    internal void Remove(Activation activation)
    {
        if (activation.Newer is { } newer)
        {
            newer.Older = activation.Older;
        }
        else
        {
            _newest = activation.Older;
        }

        if (activation.Older is { } older)
        {
            older.Newer = activation.Newer;
        }

        (activation.Older, activation.Newer) = (null, null);
    }
}
