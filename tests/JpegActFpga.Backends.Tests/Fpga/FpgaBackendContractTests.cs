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

/// <summary>The contract suite with ready-made q8 values: the host scales and rounds.</summary>
[Collection(CardsTestGroup.Name)]
public class FpgaBackendInt8ContractTests(CardsFixture fixture) : CodecBackendContract
{
    protected override int CasesPerMethod => 60;

    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (CardsFixture.WhyNot is { } reason)
        {
            return (null, reason);
        }

        fixture.Card!.SetFaults(string.Empty);
        return (FpgaBackend.Open(CardsFixture.Options(launchBlocks: 128) with { QuantiseOnHost = true }), null);
    }
}

/// <summary>The contract suite with scales that the card finds.</summary>
[Collection(CardsTestGroup.Name)]
public class FpgaBackendCardScalesContractTests(CardsFixture fixture) : CodecBackendContract
{
    protected override int CasesPerMethod => 60;

    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (CardsFixture.WhyNot is { } reason)
        {
            return (null, reason);
        }

        fixture.Card!.SetFaults(string.Empty);
        return (FpgaBackend.Open(CardsFixture.Options(launchBlocks: 16384) with { ScalesOnCard = true }), null);
    }
}
