using System.Text.Json;
using System.Text.Json.Serialization;

namespace JpegActFpga.Xclbin;

/// <summary>
/// The JSON file beside an xclbin, <c>name.xclbin.json</c>: what the xclbin is and which host it was made for. A card is
/// loaded only with an xclbin whose manifest says the same as the file and as this host: see <see cref="Verify"/>.
/// </summary>
public sealed record BitstreamManifest
{
    /// <summary>The version of the manifest format that this library writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>Version of the manifest format.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>File name of the xclbin, without a directory.</summary>
    public required string Xclbin { get; init; }

    /// <summary>SHA-256 of the xclbin, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Name of the platform (VBNV).</summary>
    public required string Platform { get; init; }

    /// <summary>What the xclbin runs on.</summary>
    public required XclbinTarget Target { get; init; }

    /// <summary>Version of the interface between host and kernels: <see cref="KernelInterface.LayoutVersion"/>.</summary>
    public required int LayoutVersion { get; init; }

    /// <summary>The kernels of this project in the xclbin.</summary>
    public required IReadOnlyList<ManifestKernel> Kernels { get; init; }

    /// <summary>
    /// SHA-256 over the kernels' sources (<see cref="SourceHash"/>), or null when it was not recorded. For people; it is
    /// not checked.
    /// </summary>
    public string? SourcesSha256 { get; init; }

    /// <summary>Where the manifest of an xclbin is.</summary>
    public static string PathFor(string xclbinPath) => xclbinPath + ".json";

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidXclbinException">The file is missing, malformed, or of another schema version.</exception>
    public static BitstreamManifest Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        const string remedy = "Write the manifest with 'xclbin-packer manifest' (see bitstreams/README.md)";
        try
        {
            byte[] json = File.ReadAllBytes(path);
            CheckSchemaVersion(path, json);
            return JsonSerializer.Deserialize(json, ManifestJson.Default.BitstreamManifest)
                ?? throw new InvalidXclbinException(path, null, "the manifest is empty", remedy);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidXclbinException(path, null, "the manifest is missing", remedy, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidXclbinException(
                path, null, $"the manifest cannot be read: {exception.Message}", "Check its permissions", exception);
        }
        catch (JsonException exception)
        {
            throw new InvalidXclbinException(path, null, $"the manifest is malformed: {exception.Message}", remedy, exception);
        }
    }

    /// <summary>The manifest of an xclbin whose kernels fit this host.</summary>
    /// <param name="file">The xclbin.</param>
    /// <param name="sourcesSha256">See <see cref="SourcesSha256"/>.</param>
    /// <exception cref="InvalidXclbinException">A kernel is missing or has other arguments.</exception>
    public static BitstreamManifest Create(XclbinFile file, string? sourcesSha256 = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        KernelCheck.Check(file);
        return new BitstreamManifest
        {
            SchemaVersion = CurrentSchemaVersion,
            Xclbin = Path.GetFileName(file.Path),
            Sha256 = file.Sha256,
            Platform = file.Platform,
            Target = file.Target,
            LayoutVersion = KernelInterface.LayoutVersion,
            Kernels = [.. KernelInterface.Kernels.Select(kernel => ManifestKernel.Of(kernel, file))],
            SourcesSha256 = sourcesSha256,
        };
    }

    /// <summary>
    /// Reads an xclbin and its manifest, and checks that they belong together and fit this host.
    /// </summary>
    /// <exception cref="InvalidXclbinException">
    /// One of the files is missing or malformed; the xclbin's SHA-256 or contents differ from the manifest's; the layout
    /// version or a kernel's arguments differ from this host's.
    /// </exception>
    public static VerifiedBitstream Verify(string xclbinPath)
    {
        XclbinFile file = XclbinFile.Read(xclbinPath);
        string manifestPath = PathFor(xclbinPath);
        BitstreamManifest manifest = Load(manifestPath);
        ManifestCheck.Check(file, manifest, manifestPath);
        KernelCheck.Check(file);
        return new VerifiedBitstream(file, manifest);
    }

    /// <summary>Writes the manifest, replacing a file of that name.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllText(path, JsonSerializer.Serialize(this, ManifestJson.Default.BitstreamManifest) + "\n");
    }

    // Before anything else: a manifest of a later schema need not even have today's members.
    private static void CheckSchemaVersion(string path, byte[] json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        bool known = document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("schemaVersion", out JsonElement version)
            && version.ValueKind == JsonValueKind.Number
            && version.TryGetInt32(out int number)
            && number == CurrentSchemaVersion;
        if (!known)
        {
            throw new InvalidXclbinException(
                path,
                null,
                $"the manifest's schemaVersion is not {CurrentSchemaVersion}",
                "Write the manifest again with the xclbin-packer of this version");
        }
    }
}

/// <summary>A kernel in a manifest.</summary>
/// <param name="Name">Name of its top-level function.</param>
/// <param name="ComputeUnits">Its instances.</param>
/// <param name="Args">Names of its arguments by index.</param>
public sealed record ManifestKernel(
    string Name, IReadOnlyList<ManifestComputeUnit> ComputeUnits, IReadOnlyList<string> Args)
{
    internal static ManifestKernel Of(KernelSignature kernel, XclbinFile file) => new(
        kernel.Name,
        [.. file.ComputeUnits.Where(unit => unit.Kernel == kernel.Name).Select(unit => ManifestComputeUnit.Of(unit, file))],
        [.. kernel.Arguments.Select(argument => argument.Name)]);
}

/// <summary>A compute unit in a manifest.</summary>
/// <param name="Name">The instance's name, without the kernel's.</param>
/// <param name="Banks">Tags of the memory banks it is wired to, each once.</param>
public sealed record ManifestComputeUnit(string Name, IReadOnlyList<string> Banks)
{
    internal static ManifestComputeUnit Of(XclbinComputeUnit unit, XclbinFile file) => new(
        unit.Name,
        [.. unit.Connections.Select(connection => connection.Bank).Distinct().Order().Select(bank => file.MemoryBanks[bank].Tag)]);
}

/// <summary>An xclbin and its manifest, which were checked against each other and against this host.</summary>
/// <param name="File">The xclbin.</param>
/// <param name="Manifest">Its manifest.</param>
public sealed record VerifiedBitstream(XclbinFile File, BitstreamManifest Manifest);

/// <summary>Serialisation of manifests: unknown and missing members are errors.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    WriteIndented = true,
    Converters = [typeof(TargetConverter)])]
[JsonSerializable(typeof(BitstreamManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext;
