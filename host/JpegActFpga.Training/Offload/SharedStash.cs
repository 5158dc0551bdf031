using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// One compressed activation and the saved tensors that share it. Decoded when the first of them asks; the decoded tensor is
/// kept until each of them has taken it or was released, so that a backward pass decodes once, and a second one (retained
/// graph) decodes anew. Safe from any thread.
/// </summary>
internal sealed class SharedStash(OffloadEngine engine, OffloadTicket ticket, long[] shape, long[]? strides, torch.ScalarType type)
{
    private readonly Lock _lock = new();
    private readonly HashSet<object> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _served = new(ReferenceEqualityComparer.Instance);
    private torch.Tensor? _decoded;

    /// <summary>Bytes of the frame.</summary>
    public long FrameBytes => ticket.FrameBytes;

    /// <summary>The frame holds the elements bit for bit.</summary>
    public bool IsExact => ticket.Method == CodecMethod.Raw;

    /// <summary>One more saved tensor shares the stash.</summary>
    public void Join(object user)
    {
        lock (_lock)
        {
            _waiting.Add(user);
        }
    }

    /// <summary>The activation, in the layout it had, for one of the users; a wrapper of the caller's own.</summary>
    /// <param name="user">Given to <see cref="Join"/> before.</param>
    /// <param name="wanted">The shape that user saved: the same elements, seen in another shape when it saved a view.</param>
    public torch.Tensor Take(object user, long[] wanted)
    {
        lock (_lock)
        {
            _decoded ??= Decode().DetachFromDisposeScope();
            torch.Tensor result = wanted.AsSpan().SequenceEqual(shape) ? TensorHandles.Share(_decoded) : _decoded.view(wanted);
            if (_waiting.Remove(user))
            {
                _served.Add(user);
            }

            ForgetWhenAllServed();
            return result;
        }
    }

    /// <summary>A user was released. True when it was the last: the stash is gone then.</summary>
    public bool Leave(object user)
    {
        lock (_lock)
        {
            _waiting.Remove(user);
            _served.Remove(user);
            ForgetWhenAllServed();
            if (_waiting.Count > 0)
            {
                return false;
            }

            ticket.Dispose();
            return true;
        }
    }

    private void ForgetWhenAllServed()
    {
        if (_waiting.Count == 0)
        {
            _decoded?.Dispose();
            _decoded = null;
            _waiting.UnionWith(_served);
            _served.Clear();
        }
    }

    private torch.Tensor Decode()
    {
        torch.Tensor dense = torch.empty(shape, dtype: type);
        engine.Take(ticket, TensorMemory.View(dense, ticket.Spec));
        GC.KeepAlive(dense);
        return strides is null ? dense : torch.empty_strided(shape, strides, dtype: type).copy_(dense);
    }
}
