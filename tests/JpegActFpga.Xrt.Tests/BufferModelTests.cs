using CsCheck;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>A buffer against a model of it: two arrays and copies between them.</summary>
public sealed class BufferModelTests(CardFixture fixture) : CardTest(fixture)
{
    private const int Size = 96;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_sequence_of_writes_and_transfers_gives_the_bytes_of_the_model(bool isUserPointer)
    {
        using XrtDevice device = OpenLoaded(out _);
        Gen<(int Kind, int Offset, int Count, byte Value)[]> steps = Gen.Select(Gen.Int[0, 2], Gen.Int[0, Size], Gen.Int[0, Size], Gen.Byte).Array[1, 30];
        steps.Sample(
            sequence =>
            {
                using XrtBuffer buffer = isUserPointer ? XrtBuffer.AllocateUserPointer(device, Size, 0) : XrtBuffer.Allocate(device, Size, 0);
                byte[] host = new byte[Size];
                byte[] card = new byte[Size];
                buffer.AsSpan(0, Size).Clear();
                buffer.Sync(XrtSyncDirection.ToDevice);
                foreach ((int kind, int offset, int wanted, byte value) in sequence)
                {
                    int count = Math.Min(wanted, Size - offset);
                    switch (kind)
                    {
                        case 0:
                            buffer.AsSpan(offset, count).Fill(value);
                            host.AsSpan(offset, count).Fill(value);
                            break;
                        case 1:
                            buffer.Sync(XrtSyncDirection.ToDevice, offset, count);
                            host.AsSpan(offset, count).CopyTo(card.AsSpan(offset));
                            break;
                        default:
                            buffer.Sync(XrtSyncDirection.FromDevice, offset, count);
                            card.AsSpan(offset, count).CopyTo(host.AsSpan(offset));
                            break;
                    }
                }

                bool isHostEqual = buffer.AsSpan(0, Size).SequenceEqual(host);
                buffer.Sync(XrtSyncDirection.FromDevice);
                return isHostEqual && buffer.AsSpan(0, Size).SequenceEqual(card);
            },
            iter: 1000,
            threads: 1);
    }
}
