using System.Runtime.ExceptionServices;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using Polly;

namespace JpegActFpga.Offload.Resilience;

/// <summary>
/// Runs a call on the first level that can do it, and further down where devices fail. Neighbours of the same name are one
/// level, such as several cards: the least busy one gets the call. Safe from any thread.
/// </summary>
internal sealed class BackendChain : IDisposable
{
    // A set of backends is a word of bits.
    private const int MaxBackends = 64;

    private readonly CardGuard[] _cards;
    private readonly int[] _levels;
    private readonly ICodecBackend _last;
    private readonly IOutputCheck? _lastCheck;
    private readonly string _lastLabel;
    private readonly StageLanes _lastLanes;
    private readonly TimeSpan _limit;
    private readonly ResilienceJournal _journal;
    private uint _turn;

    /// <summary>Initializes a new instance of the <see cref="BackendChain"/> class.</summary>
    /// <param name="backends">Backends in order of preference; the last has every method.</param>
    /// <param name="options">The policies.</param>
    /// <param name="journal">Told of each decision.</param>
    /// <param name="check">Looks at what devices make; null to open each frame.</param>
    /// <param name="checkLast">Whether it looks at what the last backend makes too, whose failure nobody makes good.</param>
    /// <exception cref="ArgumentException">There is no backend, there are too many, or the last lacks a method.</exception>
    internal BackendChain(IReadOnlyList<ICodecBackend> backends, ResilienceOptions options, ResilienceJournal journal, IOutputCheck? check = null, bool checkLast = false)
    {
        if (backends.Count is 0 or > MaxBackends)
        {
            throw new ArgumentException($"An engine needs 1 to {MaxBackends} backends; {backends.Count} were given.", nameof(backends));
        }

        _last = backends[^1];
        _lastCheck = checkLast ? check : null;
        CodecMethod[] lacking = [.. Enum.GetValues<CodecMethod>().Except(_last.Capabilities.Methods)];
        if (lacking.Length != 0)
        {
            throw new ArgumentException($"The last backend, {_last.Capabilities.Name}, lacks {string.Join(", ", lacking.Select(m => m.DisplayName()))}; it must have every method, because nothing is behind it.", nameof(backends));
        }

        options.Validate();
        _limit = options.CallLimit;
        _journal = journal;
        string[] labels = Labels(backends);
        _lastLabel = labels[^1];
        _lastLanes = new StageLanes(_lastLabel);
        _cards = new CardGuard[backends.Count - 1];
        _levels = new int[_cards.Length];
        for (int i = 0; i < _cards.Length; i++)
        {
            _cards[i] = new CardGuard(backends[i], labels[i], options, _journal, check ?? new FrameCheck());
            _levels[i] = i == 0 ? 0 : backends[i].Capabilities.Name == backends[i - 1].Capabilities.Name ? _levels[i - 1] : _levels[i - 1] + 1;
        }
    }

    /// <summary>Gets a value indicating whether the host's processor does all calls.</summary>
    internal bool IsHostAlone => _cards.Length == 0 && _last.Capabilities.UsesHostProcessor;

    /// <summary>Gets a value indicating whether tiles of frames are checked while they are expanded, whoever does it.</summary>
    internal bool ChecksTiles => _cards.Length == 0 && _last.Capabilities.ChecksTiles;

    /// <summary>Compresses on whichever backend can.</summary>
    /// <param name="tensor">The tensor; read until the call returns.</param>
    /// <param name="profile">How.</param>
    /// <param name="destination">Room for the largest frame.</param>
    /// <param name="cancellationToken">Ends the wait for a device.</param>
    /// <returns>What was stored, and who made it.</returns>
    /// <exception cref="BackendException">Every backend failed; the last one's failure.</exception>
    internal (CompressResult Result, BackendCapabilities By) Compress(TensorView tensor, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken) =>
        Run(new BackendCall(tensor, profile, destination), cancellationToken);

    /// <summary>Expands on whichever backend can.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">A tensor of its type and shape.</param>
    /// <param name="cancellationToken">Ends the wait for a device.</param>
    /// <returns>Who did it.</returns>
    /// <exception cref="InvalidFrameException">A tile that was not checked on opening is damaged.</exception>
    /// <exception cref="BackendException">Every backend failed; the last one's failure.</exception>
    internal BackendCapabilities Expand(FrameReader frame, TensorView destination, CancellationToken cancellationToken) =>
        Run(new BackendCall(frame, destination), cancellationToken).By;

    /// <summary>Tells the first backend that a call is about to come.</summary>
    /// <param name="tensorBytes">Bytes of its tensor.</param>
    internal void Expect(long tensorBytes)
    {
        if (_cards.Length == 0)
        {
            _last.Expect(tensorBytes);
        }
    }

    /// <summary>Ends what runs in the background; the backends are the caller's, who may close them then.</summary>
    public void Dispose()
    {
        foreach (CardGuard card in _cards)
        {
            card.Dispose();
        }
    }

    // fpga, or fpga 0 and fpga 1 where there are two.
    private static string[] Labels(IReadOnlyList<ICodecBackend> backends)
    {
        var labels = new string[backends.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            string name = backends[i].Capabilities.Name;
            bool alone = backends.Count(b => b.Capabilities.Name == name) == 1;
            labels[i] = alone ? name : $"{name} {backends.Take(i).Count(b => b.Capabilities.Name == name)}";
        }

        return labels;
    }

    private (CompressResult Result, BackendCapabilities By) Run(in BackendCall call, CancellationToken cancellationToken)
    {
        ulong tried = 0;
        (string From, ResilienceCause Cause)? failed = null;
        while (true)
        {
            CardGuard? card = Next(call, ref tried, out ulong passedBy);
            Tell(failed, passedBy, card?.Label ?? _lastLabel);
            if (card is null)
            {
                break;
            }

            Outcome<CompressResult> outcome = card.Run(call, cancellationToken);
            if (outcome.Exception is not { } error)
            {
                return (outcome.Result, card.Capabilities);
            }

            if (!CardGuard.MayGoElsewhere(error))
            {
                ExceptionDispatchInfo.Throw(error);
            }

            failed = (card.Label, card.CauseOf(error));
        }

        if ((_last.Capabilities.Memory & call.Memory) == 0)
        {
            throw new ArgumentException($"No backend does {call.Method.DisplayName()} on memory {call.Memory}{(failed is { } f ? $" after {f.From} failed: {f.Cause.Text}" : string.Empty)}.", nameof(call));
        }

        return (call.RunOn(_last, _lastLanes, _lastCheck, _limit, cancellationToken), _last.Capabilities);
    }

    // The least busy card of the first level that has one in service; ties go round. Cards that are out are passed by.
    private CardGuard? Next(in BackendCall call, ref ulong tried, out ulong passedBy)
    {
        passedBy = 0;
        int best = -1;
        double bestLoad = double.PositiveInfinity;
        uint turn = _cards.Length > 1 ? Interlocked.Increment(ref _turn) : 0;
        for (int first = 0; first < _cards.Length && best < 0;)
        {
            int end = first + 1;
            while (end < _cards.Length && _levels[end] == _levels[first])
            {
                end++;
            }

            int width = end - first;
            for (int k = 0; k < width; k++)
            {
                int i = first + (int)((turn + (uint)k) % (uint)width);
                if ((tried & (1UL << i)) != 0 || !_cards[i].Can(call.Method, call.Memory))
                {
                    continue;
                }

                if (_cards[i].OutBecause is not null)
                {
                    passedBy |= 1UL << i;
                }
                else if (_cards[i].Load < bestLoad)
                {
                    best = i;
                    bestLoad = _cards[i].Load;
                }
            }

            first = end;
        }

        tried |= passedBy;
        if (best < 0)
        {
            return null;
        }

        tried |= 1UL << best;
        return _cards[best];
    }

    private void Tell((string From, ResilienceCause Cause)? failed, ulong passedBy, string to)
    {
        if (failed is { } failure)
        {
            _journal.FellBack(failure.From, to, failure.Cause, tell: true);
        }

        for (int i = 0; passedBy != 0; i++, passedBy >>= 1)
        {
            if ((passedBy & 1) != 0)
            {
                _journal.FellBack(_cards[i].Label, to, ResilienceCause.CircuitOpen(_cards[i].OutBecause), tell: false);
            }
        }
    }
}
