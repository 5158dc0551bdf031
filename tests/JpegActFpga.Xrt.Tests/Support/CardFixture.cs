using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>The emulated card and an image of test kernels, shared by the tests of the collection.</summary>
public sealed class CardFixture : IDisposable
{
    private readonly TestImage? _image;
    private readonly EmulatedCard? _card;

    public CardFixture()
    {
        if (CardSetup.SkipReason is null)
        {
            CardSetup.Apply();
            _image = new TestImage();
            _card = new EmulatedCard();
        }
    }

    internal TestImage Image => _image ?? throw new InvalidOperationException(CardSetup.SkipReason);

    internal EmulatedCard Card => _card ?? throw new InvalidOperationException(CardSetup.SkipReason);

    public void Dispose() => _image?.Dispose();
}

/// <summary>Tests of the card run one after another: its faults and its counters are of the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CardCollection : ICollectionFixture<CardFixture>
{
    public const string Name = "card";
}
