using JpegActFpga.Core.Memory;
using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu.Lanes;

/// <summary>
/// Moves bytes between pageable host memory and the GPU through slots of page-locked memory: while one slot is on the link,
/// the host fills or empties another. For one thread at a time.
/// </summary>
internal sealed unsafe class PinnedRing : IDisposable
{
    private const int Slots = 3;

    private readonly CudaHostMemory _memory;
    private readonly CudaEvent[] _moved = new CudaEvent[Slots];
    private readonly int _slotBytes;
    private readonly GpuOptions _options;

    internal PinnedRing(CudaContext context, GpuOptions options)
    {
        _slotBytes = options.RingSlotBytes;
        _options = options;
        _memory = new CudaHostMemory(context, (long)Slots * _slotBytes);
        try
        {
            for (int i = 0; i < Slots; i++)
            {
                _moved[i] = new CudaEvent(context);
            }
        }
        catch (CudaException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Puts a copy to the GPU on the stream. When it returns, the source is the caller's again; the copy may be under way.</summary>
    internal void Upload(CudaStream stream, NativeSpan<byte> from, ulong to)
    {
        for (long at = 0, part = 0; at < from.Length; at += _slotBytes, part++)
        {
            int slot = (int)(part % Slots);
            long count = Math.Min(_slotBytes, from.Length - at);
            _moved[slot].Wait(_options.EffectiveWaitLimit);
            Buffer.MemoryCopy(from.Pointer + at, Slot(slot), _slotBytes, count);
            stream.CopyToDevice((nint)Slot(slot), to + (ulong)at, count);
            _moved[slot].Record(stream);
        }
    }

    /// <summary>Copies from the GPU, after what is on the stream; the bytes are there when it returns.</summary>
    internal void Download(CudaStream stream, ulong from, NativeSpan<byte> to)
    {
        long parts = (to.Length + _slotBytes - 1) / _slotBytes;
        for (long part = 0; part < parts + Slots - 1; part++)
        {
            // One slot behind the last started part is emptied while the others are on the link.
            if (part >= Slots - 1)
            {
                Empty(to, part - (Slots - 1));
            }

            if (part < parts)
            {
                int slot = (int)(part % Slots);
                long at = part * _slotBytes;
                stream.CopyToHost(from + (ulong)at, (nint)Slot(slot), Math.Min(_slotBytes, to.Length - at));
                _moved[slot].Record(stream);
            }
        }
    }

    /// <summary>Gives all up, because the GPU may still move bytes.</summary>
    internal void Leak()
    {
        _memory.Leak();
        foreach (CudaEvent moved in _moved)
        {
            moved.Leak();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CudaEvent? moved in _moved)
        {
            moved?.Dispose();
        }

        _memory.Dispose();
    }

    private void Empty(NativeSpan<byte> to, long part)
    {
        long at = part * _slotBytes;
        if (at < to.Length)
        {
            int slot = (int)(part % Slots);
            _moved[slot].Wait(_options.EffectiveWaitLimit);
            Buffer.MemoryCopy(Slot(slot), to.Pointer + at, to.Length - at, Math.Min(_slotBytes, to.Length - at));
        }
    }

    private byte* Slot(int slot) => (byte*)_memory.Address + ((long)slot * _slotBytes);
}
