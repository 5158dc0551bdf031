using System.Globalization;
using System.Text;

namespace JpegActFpga.Xclbin;

/// <summary>Refuses descriptions that would give an xclbin which XRT or a card misreads.</summary>
internal static class XclbinDescriptionCheck
{
    /// <exception cref="ArgumentException">The description does not hold together.</exception>
    public static void Check(XclbinDescription description)
    {
        CheckName("platform", description.Platform, XclbinFormat.PlatformLength - 1);
        Require(!description.Payload.IsEmpty, "the payload is empty");
        Require(description.ClockMegahertz > 0, "the clock is not above 0 MHz");
        Require(description.MemoryBanks.Count > 0, "there is no memory bank");
        Require(description.ComputeUnits.Count > 0, "there is no compute unit");
        CheckBanks(description.MemoryBanks);
        CheckUnique("kernel", description.Kernels.Select(kernel => kernel.Name));
        foreach (XclbinKernel kernel in description.Kernels)
        {
            CheckKernel(kernel);
        }

        CheckUnique("compute unit", description.ComputeUnits.Select(unit => unit.Name));
        ulong? previous = null;
        foreach (XclbinComputeUnit unit in description.ComputeUnits)
        {
            CheckUnit(unit, description);
            // XRT numbers compute units by address, connections number them by place: the two must agree.
            Require(
                previous is null || unit.BaseAddress > previous,
                $"compute unit {unit.Name} is not above the one before it in address");
            previous = unit.BaseAddress;
        }
    }

    private static void CheckBanks(IReadOnlyList<XclbinMemoryBank> banks)
    {
        CheckUnique("memory bank", banks.Select(bank => bank.Tag));
        foreach (XclbinMemoryBank bank in banks)
        {
            CheckName("memory bank", bank.Tag, XclbinFormat.MemoryTagLength - 1);
            Require(bank.Size > 0 && bank.Size % 1024 == 0, $"memory bank {bank.Tag}: its size is not a number of KiB");
            Require(bank.Size <= ulong.MaxValue - bank.BaseAddress, $"memory bank {bank.Tag} ends beyond 64-bit addresses");
        }

        XclbinMemoryBank[] sorted = [.. banks.OrderBy(bank => bank.BaseAddress)];
        for (int i = 1; i < sorted.Length; i++)
        {
            Require(
                sorted[i - 1].BaseAddress + sorted[i - 1].Size <= sorted[i].BaseAddress,
                $"memory banks {sorted[i - 1].Tag} and {sorted[i].Tag} overlap");
        }
    }

    private static void CheckKernel(XclbinKernel kernel)
    {
        CheckName("kernel", kernel.Name, XclbinFormat.IpNameLength - 1);
        CheckUnique($"argument of {kernel.Name}", kernel.Arguments.Select(argument => argument.Name));
        int free = 0x10;
        for (int i = 0; i < kernel.Arguments.Count; i++)
        {
            XclbinArgument argument = kernel.Arguments[i];
            string name = $"argument {argument.Name} of {kernel.Name}";
            Require(argument.Index == i, string.Create(CultureInfo.InvariantCulture, $"{name} has index {argument.Index}, not {i}"));
            Require(argument.Size is 4 or 8, $"{name} is neither 4 nor 8 bytes");
            Require(argument.Offset >= free && argument.Offset % 4 == 0, $"{name} overlaps what is before it in the register map");
            free = argument.Offset + argument.Size;
        }
    }

    private static void CheckUnit(XclbinComputeUnit unit, XclbinDescription description)
    {
        CheckName("compute unit", $"{unit.Kernel}:{unit.Name}", XclbinFormat.IpNameLength - 1);
        XclbinKernel kernel = description.Kernels.FirstOrDefault(candidate => candidate.Name == unit.Kernel)
            ?? throw new ArgumentException($"compute unit {unit.Name} is of kernel {unit.Kernel}, which is not described", nameof(description));
        foreach (XclbinConnection connection in unit.Connections)
        {
            Require(
                connection.Argument >= 0 && connection.Argument < kernel.Arguments.Count && kernel.Arguments[connection.Argument].IsGlobal,
                string.Create(CultureInfo.InvariantCulture, $"compute unit {unit.Name} connects argument {connection.Argument}, which is no pointer"));
            Require(
                connection.Bank >= 0 && connection.Bank < description.MemoryBanks.Count && description.MemoryBanks[connection.Bank].Used,
                string.Create(CultureInfo.InvariantCulture, $"compute unit {unit.Name} connects to memory bank {connection.Bank}, which is not there or not used"));
        }

        foreach (XclbinArgument argument in kernel.Arguments.Where(argument => argument.IsGlobal))
        {
            Require(
                unit.Connections.Any(connection => connection.Argument == argument.Index),
                $"compute unit {unit.Name} leaves pointer argument {argument.Name} unconnected");
        }
    }

    private static void CheckName(string what, string name, int maxLength) => Require(
        name.Length >= 1 && name.Length <= maxLength && Ascii.IsValid(name) && !name.Contains('\0', StringComparison.Ordinal),
        string.Create(CultureInfo.InvariantCulture, $"{what} '{name}' is not 1 to {maxLength} ASCII characters"));

    private static void CheckUnique(string what, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            Require(seen.Add(name), $"there are two of {what} '{name}'");
        }
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
