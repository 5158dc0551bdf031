using JpegActFpga.Core.Backends;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A compute unit of the card: which kernel, wired to which banks, and whether it still works. Safe from any thread.</summary>
internal sealed class ComputeUnit : IDisposable
{
    private readonly KernelSignature _signature;
    private volatile bool _isLost;

    /// <summary>Initializes a new instance of the <see cref="ComputeUnit"/> class.</summary>
    /// <param name="device">The card.</param>
    /// <param name="xclbin">What it has loaded.</param>
    /// <param name="unit">The unit.</param>
    /// <param name="signature">Its kernel.</param>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal ComputeUnit(XrtDevice device, Guid xclbin, XclbinComputeUnit unit, KernelSignature signature)
    {
        _signature = signature;
        Name = $"Compute unit {unit.XrtName} of card {device.Index}";
        Rows = UnitRows.Of(device.Index, unit.Name);
        Kernel = XrtKernel.Open(device, xclbin, unit.XrtName);
    }

    /// <summary>Gets the unit's name, for messages.</summary>
    internal string Name { get; }

    /// <summary>Gets its rows in a trace.</summary>
    internal UnitRows Rows { get; }

    /// <summary>Gets the kernel, of this unit alone.</summary>
    internal XrtKernel Kernel { get; }

    /// <summary>Gets a value indicating whether the unit is out of service until the card is reset.</summary>
    internal bool IsLost => _isLost;

    /// <inheritdoc/>
    public void Dispose() => Kernel.Dispose();

    /// <summary>Takes the unit out of service.</summary>
    internal void Lose() => _isLost = true;

    /// <summary>Gives the index of an argument.</summary>
    /// <param name="argument">Its name.</param>
    internal int IndexOf(string argument) => _signature.Arguments.First(a => a.Name == argument).Index;

    /// <summary>Gives the bank that an argument is wired to.</summary>
    /// <param name="argument">Its name.</param>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal int BankOf(string argument) => Kernel.GetBank(IndexOf(argument));

    /// <summary>Gives the one bank of two arguments that share a buffer: the kernels give them one bundle.</summary>
    /// <param name="first">An argument.</param>
    /// <param name="second">Another.</param>
    /// <exception cref="InvalidXclbinException">They have different banks.</exception>
    internal int SharedBankOf(string first, string second)
    {
        int bank = BankOf(first);
        return bank == BankOf(second)
            ? bank
            : throw new InvalidXclbinException(Name, null, $"{first} and {second} are wired to different memory banks", "Link them to one: they share the bundle gmem_index (docs/kernels.md)");
    }

    /// <summary>Turns what XRT throws into what the engine knows.</summary>
    /// <param name="error">The failure.</param>
    internal BackendException Translate(XrtException error)
    {
        BackendFailure failure = error is XrtStuckException ? BackendFailure.Unresponsive : error.DeviceLost ? BackendFailure.DeviceLost : error.IsTransient ? BackendFailure.Transient : BackendFailure.DeviceFault;
        return new BackendException(failure, $"{Name}: {error.Message}", error);
    }
}
