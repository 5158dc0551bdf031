using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>Compute units that are wired to host memory: what lies there is never transferred.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class HostBankTests : IDisposable
{
    // Not card 0: what other tests leaked there keeps its image loaded.
    private const int CardIndex = 1;

    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly EmulatedCard _card;
    private readonly string _folder;

    public HostBankTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        Assert.SkipUnless(File.Exists(Payload), $"{Payload} is missing: run ./build.sh in the repository's root.");
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
        _folder = Directory.CreateTempSubdirectory("jpegact-host-bank-").FullName;
    }

    private static string Payload => Path.Combine(Path.GetDirectoryName(CardSetup.CodecXclbin)!, "..", "kernels", "jpegact-csim.so");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory(Timeout = 180_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_all_arguments_there_nothing_is_transferred(bool scalesOnCard)
    {
        await using FpgaBackend backend = Open(_ => true, scalesOnCard);
        (long sent, long received) = Synced();
        _card.TakeTraffic(CardIndex);

        await RoundTrip(backend);

        FpgaStatistics statistics = backend.Statistics;
        CardTraffic traffic = _card.TakeTraffic(CardIndex);
        Assert.Equal((sent, received), Synced());
        Assert.Equal((0L, 0L, 0, 0), (statistics.BytesToCard, statistics.BytesFromCard, statistics.PeakToCard, statistics.PeakFromCard));
        Assert.Equal((0u, 0u, 0u), (traffic.PeakToCard + traffic.PeakFromCard, traffic.UserBuffers, traffic.DriverBuffers));
        Assert.True(statistics.Memory.AllocatedBytes > 0);
    }

    [Fact(Timeout = 180_000)]
    public async Task With_some_arguments_there_the_others_are_transferred()
    {
        await using FpgaBackend backend = Open(argument => argument is "masks" or "values", scalesOnCard: false);
        (long sent, long received) = Synced();

        long frame = await RoundTrip(backend);

        FpgaStatistics statistics = backend.Statistics;
        (long sentNow, long receivedNow) = Synced();
        Assert.Equal((sentNow - sent, receivedNow - received), (statistics.BytesToCard, statistics.BytesFromCard));

        // Each way the blocks, and an index far smaller than the values and masks that stay where they are.
        long blocks = new BlockGeometry(new TensorShape(2, 3, 40, 28), CodecMethod.JpegAct).Blocks * BlockGeometry.BlockValues * sizeof(float);
        Assert.InRange(statistics.BytesToCard, blocks, blocks + (frame / 2));
        Assert.InRange(statistics.BytesFromCard, blocks, blocks + (frame / 2));
        Assert.True(statistics.Memory.UserPointerBuffers > 0);
    }

    private static async Task<long> RoundTrip(FpgaBackend backend)
    {
        using OwnTensor tensor = new OwnTensor(2, 3, 40, 28).Fill(seed: 11);
        using var expanded = new OwnTensor(2, 3, 40, 28);
        using var memory = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        CompressResult result = await backend.CompressAsync(tensor.View, Profile, memory.Bytes, Token);
        NativeSpan<byte> frame = memory.Bytes.Slice(0, result.FrameBytes);
        Assert.Equal(tensor.ReferenceFrame(Profile), frame.AsSpan(0, (int)result.FrameBytes).ToArray());
        await backend.ExpandAsync(FrameReader.Open(frame), expanded.View, Token);
        Assert.Equal(tensor.ReferenceRoundTrip(Profile), expanded.Bits());
        return result.FrameBytes;
    }

    private (long Sent, long Received) Synced() => (_card.BytesSynced(XrtSyncDirection.ToDevice, CardIndex), _card.BytesSynced(XrtSyncDirection.FromDevice, CardIndex));

    // The project's own image with arguments wired to HOST[0] in place of their DDR banks.
    private FpgaBackend Open(Func<string, bool> isHosted, bool scalesOnCard)
    {
        XclbinFile model = XclbinFile.Read(CardSetup.CodecXclbin);
        int host = model.MemoryBanks.ToList().FindIndex(bank => bank.Tag == "HOST[0]");
        XclbinConnection Wire(XclbinComputeUnit unit, XclbinConnection connection)
        {
            string argument = model.Kernels.First(kernel => kernel.Name == unit.Kernel).Arguments[connection.Argument].Name;
            return isHosted(argument) ? connection with { Bank = host } : connection;
        }

        string path = Path.Combine(_folder, "hosted.xclbin");
        File.WriteAllBytes(path, XclbinWriter.Write(new XclbinDescription
        {
            Platform = model.Platform,
            Payload = File.ReadAllBytes(Payload),
            MemoryBanks = model.MemoryBanks,
            Kernels = model.Kernels,
            ComputeUnits = [.. model.ComputeUnits.Select(unit => unit with { Connections = [.. unit.Connections.Select(connection => Wire(unit, connection))] })],
        }));
        BitstreamManifest.Create(XclbinFile.Read(path)).Save(BitstreamManifest.PathFor(path));
        return FpgaBackend.Open(CardsFixture.Options() with { DeviceIndex = CardIndex, XclbinPath = path, ScalesOnCard = scalesOnCard });
    }
}
