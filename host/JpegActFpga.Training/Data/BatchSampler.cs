namespace JpegActFpga.Training.Data;

/// <summary>
/// The order of images in an epoch: a shuffle that depends on seed and epoch alone, not on torch's generator, so that runs
/// with different models or hooks see the same batches. Safe for use from several threads.
/// </summary>
/// <param name="count">Images, 1 or more.</param>
/// <param name="batch">
/// Images in a batch, 1 or more; the last batch of an epoch has what is left, and is left out when that is a single image of
/// larger batches (batch normalisation cannot train on one).
/// </param>
/// <param name="seed">Any value.</param>
public sealed class BatchSampler(int count, int batch, ulong seed)
{
    private readonly int _count = count >= 1 ? count : throw new ArgumentOutOfRangeException(nameof(count), count, "at least 1 image");
    private readonly int _batch = batch >= 1 ? batch : throw new ArgumentOutOfRangeException(nameof(batch), batch, "at least 1 image a batch");

    /// <summary>Batches in an epoch.</summary>
    public int BatchesPerEpoch => (_count / _batch) + (_count % _batch >= 2 ? 1 : 0);

    /// <summary>The batches of an epoch in turn, as indices of images; no image comes twice.</summary>
    public IEnumerable<ReadOnlyMemory<int>> Epoch(int epoch)
    {
        int[] order = Shuffle(epoch);
        for (int b = 0; b < BatchesPerEpoch; b++)
        {
            int first = b * _batch;
            yield return order.AsMemory(first, Math.Min(_batch, _count - first));
        }
    }

    private int[] Shuffle(int epoch)
    {
        int[] order = new int[_count];
        SplitMix64 random = new(seed + (0x9E3779B97F4A7C15UL * (ulong)(uint)epoch) + 1);
        for (int i = 0; i < _count; i++)
        {
            int j = random.Below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }

        return order;
    }

    /// <summary>Vigna's SplitMix64: fixed for ever, which System.Random does not promise.</summary>
    private struct SplitMix64(ulong state)
    {
        private ulong _state = state;

        public int Below(int bound)
        {
            _state += 0x9E3779B97F4A7C15UL;
            ulong z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
            return (int)Math.BigMul(z ^ (z >> 31), (ulong)bound, out _);
        }
    }
}
