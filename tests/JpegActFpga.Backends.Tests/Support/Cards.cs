using JpegActFpga.Fpga;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Support;

/// <summary>The emulated card of this process; its faults are of the whole process, so these tests run one after another.</summary>
public sealed class CardsFixture
{
    public CardsFixture()
    {
        if (WhyNot is null)
        {
            CardSetup.Apply();
            NativeEnvironment.Set("JPEGACT_CARD_COUNT", "2");
            Card = new EmulatedCard();
        }
    }

    /// <summary>Why the card's tests cannot run here; null where they can.</summary>
    internal static string? WhyNot => CardSetup.SkipReason
        ?? (File.Exists(CardSetup.CodecXclbin) ? null : $"{CardSetup.CodecXclbin} is missing: run ./build.sh in the repository's root.");

    internal EmulatedCard? Card { get; }

    internal static FpgaOptions Options(int launchBlocks = 256) => new()
    {
        XclbinPath = CardSetup.CodecXclbin,
        LaunchBlocks = launchBlocks,
        LaunchTimeout = Wait.Patience,
        MemoryPatience = Wait.Patience,
    };
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CardsTestGroup : ICollectionFixture<CardsFixture>
{
    public const string Name = "emulated card";
}
