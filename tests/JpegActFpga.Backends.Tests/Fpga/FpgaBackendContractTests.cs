using JpegActFpga.Backends.Conformance;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Fpga;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>The contract suite on the card; launches are short, so that most tensors are split over all compute units.</summary>
[Collection(CardsTestGroup.Name)]
public class FpgaBackendContractTests(CardsFixture fixture) : CodecBackendContract
{
    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (CardsFixture.WhyNot is { } reason)
        {
            return (null, reason);
        }

        fixture.Card!.SetFaults(string.Empty);
        return (FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64)), null);
    }
}

/// <summary>The contract suite on the card as training uses it.</summary>
[Collection(CardsTestGroup.Name)]
public class FpgaBackendDefaultLaunchContractTests(CardsFixture fixture) : CodecBackendContract
{
    protected override int CasesPerMethod => 60;

    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (CardsFixture.WhyNot is { } reason)
        {
            return (null, reason);
        }

        fixture.Card!.SetFaults(string.Empty);
        return (FpgaBackend.Open(CardsFixture.Options(launchBlocks: 16384)), null);
    }
}
