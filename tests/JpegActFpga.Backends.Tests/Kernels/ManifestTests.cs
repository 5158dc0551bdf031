using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Backends.Tests.Kernels;

/// <summary>A kernel's source, its kernel.json, its connectivity files and the host's argument table say the same.</summary>
public partial class ManifestTests
{
    // Banks of a card and the logic region that each is attached to.
    private static readonly Dictionary<string, (string Kind, int Banks, Func<int, string> Region)> Cards = new()
    {
        ["u250"] = ("DDR", 4, bank => $"SLR{bank}"),
        ["u55c"] = ("HBM", 32, _ => "SLR0"),
    };

    public static TheoryData<string> KernelNames => [.. KernelInterface.Kernels.Select(kernel => kernel.Name)];

    [Fact]
    public void There_is_a_folder_for_each_kernel_of_the_host_and_no_other()
    {
        Assert.Equal(
            KernelInterface.Kernels.Select(kernel => kernel.Name).Order(),
            Directory.GetDirectories(Path.Combine(KernelSources.Folder, "kernels")).Select(folder => Path.GetFileName(folder)!).Order());
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void Source_manifest_and_host_name_the_same_arguments(string kernel)
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        JsonElement manifest = Manifest(kernel);
        JsonElement source = KernelSources.Structure.EnumerateArray().Single(each => each.GetProperty("name").GetString() == kernel);
        string[] ofTheHost = [.. KernelInterface.Find(kernel)!.Arguments.Select(argument => $"{argument.Index} {argument.Name} {argument.Kind}")];
        Assert.Equal(ofTheHost, source.GetProperty("arguments").EnumerateArray().Select((argument, index) => $"{index} {Text(argument, "name")} {KindInSource(argument)}"));
        Assert.Equal(ofTheHost, manifest.GetProperty("arguments").EnumerateArray().Select(argument => $"{argument.GetProperty("index").GetInt32()} {Text(argument, "name")} {KindInManifest(argument)}"));
        Assert.Equal(kernel, Text(manifest, "name"));
        foreach (JsonElement file in manifest.GetProperty("sources").EnumerateArray())
        {
            Assert.True(File.Exists(Path.Combine(KernelSources.Folder, "kernels", kernel, file.GetString()!)));
        }
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void Ports_are_those_of_the_source(string kernel)
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        JsonElement source = KernelSources.Structure.EnumerateArray().Single(each => each.GetProperty("name").GetString() == kernel);
        string[] inSource = [.. source.GetProperty("arguments").EnumerateArray()
            .Where(argument => argument.GetProperty("pointer").GetBoolean())
            .GroupBy(argument => Text(argument.GetProperty("interface"), "bundle"), argument => Text(argument, "name"))
            .Select(bundle => $"{bundle.Key}: {string.Join(' ', bundle)}").Order()];
        Assert.Equal(
            inSource,
            Manifest(kernel).GetProperty("ports").EnumerateArray()
                .Select(port => $"{Text(port, "bundle")}: {string.Join(' ', port.GetProperty("arguments").EnumerateArray().Select(name => name.GetString()))}").Order());
        Assert.All(Manifest(kernel).GetProperty("ports").EnumerateArray(), port => Assert.Equal(KernelSources.Constant("kWordBits"), port.GetProperty("widthBits").GetInt64()));
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void Limits_and_rate_are_those_of_the_interface(string kernel)
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        JsonElement manifest = Manifest(kernel);
        Assert.Equal(KernelInterface.ResultMagic, Convert.ToUInt32(Text(manifest, "layoutVersion"), 16));
        JsonElement limits = manifest.GetProperty("limits");
        Assert.Equal(KernelInterface.MaxBlockCount, limits.GetProperty("maxBlocks").GetInt32());
        Assert.Equal(KernelInterface.MaxDescriptorCount, limits.GetProperty("maxDescriptors").GetInt32());
        Assert.Equal(kernel == KernelInterface.Maximum.Name, limits.TryGetProperty("maxScales", out JsonElement scales) && scales.GetInt32() == KernelInterface.MaxTableScales);

        // A word a cycle: as many cycles as a block has words.
        JsonElement rate = manifest.GetProperty("expectedRate");
        Assert.Contains("MODEL", Text(rate, "basis"), StringComparison.Ordinal);
        var words = new Dictionary<string, int> { ["float32"] = 4, ["float16"] = 2, ["bfloat16"] = 2, ["int8"] = 1 };
        Assert.Equal(words.Count - (kernel == KernelInterface.Maximum.Name ? 1 : 0), rate.GetProperty("cyclesPerBlock").EnumerateObject().Count());
        Assert.All(rate.GetProperty("cyclesPerBlock").EnumerateObject(), type => Assert.Equal(words[type.Name], type.Value.GetInt32()));
    }

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void Every_unit_is_wired_to_memory_of_its_own(string kernel)
    {
        string folder = Path.Combine(KernelSources.Folder, "kernels", kernel);
        var named = new HashSet<string>();
        foreach (JsonElement platform in Manifest(kernel).GetProperty("platforms").EnumerateArray())
        {
            (string card, (string kind, int banks, Func<int, string> region)) = Cards.Single(each => Text(platform, "name").Contains($"_{each.Key}_", StringComparison.Ordinal));
            JsonElement files = platform.GetProperty("connectivity");
            named.UnionWith([Text(files, "card"), Text(files, "host")]);
            Connectivity onCard = Connectivity.Read(Path.Combine(folder, Text(files, "card")));
            Connectivity onHost = Connectivity.Read(Path.Combine(folder, Text(files, "host")));
            Demand(kernel, onCard);
            Demand(kernel, onHost);
            Assert.All(onHost.Wires.Values, bank => Assert.Equal("HOST[0]", bank));
            Assert.All(onCard.Wires.Values, bank => Assert.InRange(BankNumber(bank, kind), 0, banks - 1));
            Assert.Empty(onCard.BanksOf($"{kernel}_1").Intersect(onCard.BanksOf($"{kernel}_2")));
            Assert.All(onCard.Regions, unit => Assert.Contains(unit.Value, onCard.BanksOf(unit.Key).Select(bank => region(BankNumber(bank, kind)))));
            Assert.Equal(card == "u55c" ? KernelBundles(kernel) : 2, onCard.BanksOf($"{kernel}_1").Count());
            Assert.All(new[] { 1, 2 }, unit => Assert.Single(onCard.Wires, wire => wire.Key.StartsWith($"{kernel}_{unit}.", StringComparison.Ordinal) && wire.Value == onCard.Wires[$"{kernel}_{unit}.data"]));
        }

        Assert.Equal(named.Order(), Directory.GetFiles(folder, "*.cfg").Select(file => Path.GetFileName(file)!).Order());
    }

    [Fact]
    public void Units_share_memory_only_with_units_of_their_number_and_maxima_use_their_encoders()
    {
        foreach (string card in Cards.Keys)
        {
            Connectivity Of(string kernel) => Connectivity.Read(Path.Combine(KernelSources.Folder, "kernels", kernel, $"{card}.cfg"));
            Connectivity encode = Of(KernelInterface.Encode.Name), decode = Of(KernelInterface.Decode.Name), maximum = Of(KernelInterface.Maximum.Name);
            Connectivity[] all = [encode, decode, maximum];
            string[] BanksOfUnit(int unit) => [.. all.SelectMany(file => file.Wires.Where(wire => wire.Key.Contains($"_{unit}.", StringComparison.Ordinal))).Select(wire => wire.Value)];
            Assert.Empty(BanksOfUnit(1).Intersect(BanksOfUnit(2)));
            foreach (int unit in new[] { 1, 2 })
            {
                Assert.Equal(encode.Wires[$"{KernelInterface.Encode.Name}_{unit}.data"], maximum.Wires[$"{KernelInterface.Maximum.Name}_{unit}.data"]);
            }
        }
    }

    private static void Demand(string kernel, Connectivity file)
    {
        Assert.Equal($"{kernel}:2", file.Units);
        string[] buffers = [.. KernelInterface.Find(kernel)!.Arguments.Where(argument => argument.IsBuffer).Select(argument => argument.Name)];
        Assert.Equal(new[] { 1, 2 }.SelectMany(unit => buffers.Select(name => $"{kernel}_{unit}.{name}")).Order(), file.Wires.Keys.Order());
        Assert.Equal([$"{kernel}_1", $"{kernel}_2"], file.Regions.Keys.Order());
    }

    private static int KernelBundles(string kernel) => Manifest(kernel).GetProperty("ports").GetArrayLength();

    private static int BankNumber(string bank, string kind)
    {
        Match match = Bank().Match(bank);
        Assert.Equal(kind, match.Groups[1].Value);
        return int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
    }

    private static JsonElement Manifest(string kernel)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(KernelSources.Folder, "kernels", kernel, "kernel.json")));
        return document.RootElement.Clone();
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static KernelArgumentKind KindInSource(JsonElement argument) => argument.GetProperty("pointer").GetBoolean()
        ? argument.GetProperty("const").GetBoolean() ? KernelArgumentKind.ReadBuffer : KernelArgumentKind.WriteBuffer
        : Scalar(Text(argument, "type"));

    private static KernelArgumentKind KindInManifest(JsonElement argument) => Text(argument, "kind") == "buffer"
        ? Text(argument, "direction") == "read" ? KernelArgumentKind.ReadBuffer : KernelArgumentKind.WriteBuffer
        : Scalar(Text(argument, "type"));

    private static KernelArgumentKind Scalar(string type) => type switch
    {
        "uint32_t" => KernelArgumentKind.Scalar32,
        "uint64_t" => KernelArgumentKind.Scalar64,
        _ => throw new InvalidDataException($"{type} is no type of a scalar argument."),
    };

    [GeneratedRegex(@"^(\w+)\[(\d+)\]$")]
    private static partial Regex Bank();

    // A file of v++ --config.
    private sealed record Connectivity(string Units, IReadOnlyDictionary<string, string> Wires, IReadOnlyDictionary<string, string> Regions)
    {
        internal static Connectivity Read(string path)
        {
            string[] lines = [.. File.ReadAllLines(path).Where(line => line.Length > 0 && line[0] != '#')];
            Assert.Equal("[connectivity]", lines[0]);
            ILookup<string, string[]> entries = lines.Skip(1).ToLookup(line => line.Split('=')[0], line => line.Split('=')[1].Split(':', 2));
            Assert.Equal(["nk", "slr", "sp"], entries.Select(group => group.Key).Order());
            return new Connectivity(
                string.Join(':', entries["nk"].Single()),
                entries["sp"].ToDictionary(pair => pair[0], pair => pair[1]),
                entries["slr"].ToDictionary(pair => pair[0], pair => pair[1]));
        }

        internal IEnumerable<string> BanksOf(string unit) => Wires.Where(wire => wire.Key.StartsWith(unit + ".", StringComparison.Ordinal)).Select(wire => wire.Value).Distinct();
    }
}
