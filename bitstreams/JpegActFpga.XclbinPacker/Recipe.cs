using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using JpegActFpga.Xclbin;

namespace JpegActFpga.XclbinPacker;

/// <summary>What a recipe says about a card: see <c>emulated-card.json</c> and the README beside it.</summary>
internal sealed record Recipe
{
    private const ulong Mebibyte = 1 << 20;

    // Where v++ puts the register maps of an Alveo's compute units, and how far apart.
    private const ulong FirstUnitAddress = 0x800000;
    private const ulong UnitAddressStep = 0x10000;

    /// <summary>Name of the platform (VBNV).</summary>
    public required string Platform { get; init; }

    /// <summary>Kernel clock in MHz.</summary>
    public required int ClockMegahertz { get; init; }

    /// <summary>The memory banks by index.</summary>
    public required IReadOnlyList<RecipeBank> MemoryBanks { get; init; }

    /// <summary>The compute units in the order of their addresses.</summary>
    public required IReadOnlyList<RecipeUnit> ComputeUnits { get; init; }

    /// <summary>Reads a recipe.</summary>
    /// <exception cref="PackerException">The file is missing or malformed.</exception>
    public static Recipe Load(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return JsonSerializer.Deserialize(stream, RecipeJson.Default.Recipe)
                ?? throw new PackerException($"{path}: the recipe is empty");
        }
        catch (JsonException exception)
        {
            throw new PackerException($"{path}: not a recipe: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException($"{path}: the recipe cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>The xclbin that the recipe and a payload make.</summary>
    /// <exception cref="PackerException">A unit is of an unknown kernel or bank, or an address is no number.</exception>
    public XclbinDescription Describe(byte[] payload) => new()
    {
        Platform = Platform,
        ClockMegahertz = ClockMegahertz,
        Payload = payload,
        MemoryBanks = [.. MemoryBanks.Select(DescribeBank)],
        Kernels = [.. KernelInterface.Kernels.Select(XclbinDescription.HlsKernel)],
        ComputeUnits = [.. ComputeUnits.Select(DescribeUnit)],
    };

    private static XclbinMemoryBank DescribeBank(RecipeBank bank) => new(
        bank.Tag,
        Enum.TryParse(bank.Kind, ignoreCase: true, out XclbinMemoryKind kind) && Enum.IsDefined(kind)
            ? kind
            : throw new PackerException($"memory bank {bank.Tag}: '{bank.Kind}' is not a kind of memory"),
        Address(bank.BaseAddress),
        checked(bank.SizeMebibytes * Mebibyte));

    private XclbinComputeUnit DescribeUnit(RecipeUnit unit, int index)
    {
        KernelSignature kernel = KernelInterface.Find(unit.Kernel)
            ?? throw new PackerException($"compute unit {unit.Name}: there is no kernel '{unit.Kernel}'");
        IEnumerable<XclbinConnection> connections = kernel.Arguments
            .Where(argument => argument.IsBuffer)
            .Select(argument => new XclbinConnection(argument.Index, BankIndex(unit, argument)));
        return new XclbinComputeUnit(
            unit.Kernel, unit.Name, FirstUnitAddress + (UnitAddressStep * (ulong)index), [.. connections]);
    }

    private int BankIndex(RecipeUnit unit, KernelArgument argument)
    {
        string tag = unit.Banks?.GetValueOrDefault(argument.Name) ?? unit.Bank;
        for (int i = 0; i < MemoryBanks.Count; i++)
        {
            if (MemoryBanks[i].Tag == tag)
            {
                return i;
            }
        }

        throw new PackerException($"compute unit {unit.Name}: there is no memory bank '{tag}'");
    }

    private static ulong Address(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal)
        && ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address)
            ? address
            : throw new PackerException($"'{text}' is not an address of the form 0x4000000000");
}

/// <summary>A memory bank of a recipe.</summary>
/// <param name="Tag">Name, such as <c>DDR[0]</c>.</param>
/// <param name="Kind">A name of <see cref="XclbinMemoryKind"/>, in any case.</param>
/// <param name="BaseAddress">Device address, <c>0x</c> and hexadecimal digits.</param>
/// <param name="SizeMebibytes">Size in MiB.</param>
internal sealed record RecipeBank(string Tag, string Kind, string BaseAddress, ulong SizeMebibytes);

/// <summary>A compute unit of a recipe.</summary>
/// <param name="Kernel">Name of its kernel.</param>
/// <param name="Name">Name of the instance.</param>
/// <param name="Bank">Tag of the bank of all its buffers.</param>
/// <param name="Banks">Tags of other banks by argument name, or null.</param>
internal sealed record RecipeUnit(
    string Kernel, string Name, string Bank, IReadOnlyDictionary<string, string>? Banks = null);

/// <summary>Serialisation of recipes: unknown and missing members are errors.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(Recipe))]
internal sealed partial class RecipeJson : JsonSerializerContext;
