using System.Text.Json.Nodes;
using JpegActFpga.Xclbin;
using Xunit;

namespace JpegActFpga.Xrt.Tests.Xclbin;

public sealed class BitstreamManifestTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_pair_that_belongs_together_is_accepted()
    {
        string path = WritePair(SampleXclbin.Description());

        VerifiedBitstream verified = BitstreamManifest.Verify(path);

        Assert.Equal(verified.File.Sha256, verified.Manifest.Sha256);
        Assert.Equal("sample.xclbin", verified.Manifest.Xclbin);
        Assert.Equal(KernelInterface.LayoutVersion, verified.Manifest.LayoutVersion);
        ManifestKernel encode = verified.Manifest.Kernels[0];
        Assert.Equal("jpegact_encode", encode.Name);
        Assert.Equal(KernelInterface.Encode.Arguments.Select(argument => argument.Name), encode.Args);
        Assert.Equal(["encode_1", "encode_2"], encode.ComputeUnits.Select(unit => unit.Name));
        Assert.Equal(["DDR[1]"], encode.ComputeUnits[1].Banks);
    }

    [Fact]
    public void A_manifest_keeps_what_was_saved()
    {
        BitstreamManifest manifest = BitstreamManifest.Create(
            XclbinFile.Parse(SampleXclbin.Content(), "sample.xclbin"), sourcesSha256: new string('a', 64));
        string path = _folder.File("m.json");
        string again = _folder.File("again.json");

        manifest.Save(path);
        BitstreamManifest loaded = BitstreamManifest.Load(path);
        loaded.Save(again);

        Assert.Equal(manifest.SourcesSha256, loaded.SourcesSha256);
        Assert.Equal(File.ReadAllText(path), File.ReadAllText(again));
        Assert.Contains("\"target\": \"csim\"", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_manifest_is_named()
    {
        string path = WritePair(SampleXclbin.Description());
        File.Delete(BitstreamManifest.PathFor(path));

        AssertRefused(path, "the manifest is missing");
    }

    [Fact]
    public void A_foreign_xclbin_is_refused()
    {
        string path = WritePair(SampleXclbin.Description());
        byte[] content = File.ReadAllBytes(path);
        content[SampleXclbin.SectionData(content, 0) + 4] ^= 1;  // in the payload: the file stays well-formed
        File.WriteAllBytes(path, content);

        AssertRefused(path, "foreign");
    }

    public static TheoryData<string, Action<JsonNode>> ManifestChanges() => new()
    {
        { "schemaVersion is not 1", manifest => manifest["schemaVersion"] = 2 },
        { "schemaVersion is not 1", manifest => manifest.AsObject().Remove("schemaVersion") },
        { "layout version 1, but this host speaks 2", manifest => manifest["layoutVersion"] = 1 },
        { "foreign", manifest => manifest["sha256"] = new string('0', 64) },
        { "is of other.xclbin", manifest => manifest["xclbin"] = "other.xclbin" },
        { "platform", manifest => manifest["platform"] = "xilinx_u250" },
        { "target", manifest => manifest["target"] = "hw" },
        { "target is not one of", manifest => manifest["target"] = "gpu" },
        { "kernel jpegact_encode missing", manifest => manifest["kernels"]!.AsArray().RemoveAt(0) },
        { "argument 5 is named bytes in the manifest, but this host expects values", manifest => manifest["kernels"]![0]!["args"]![5] = "bytes" },
        { "lists 12 arguments", manifest => manifest["kernels"]![0]!["args"]!.AsArray().RemoveAt(12) },
        { "other compute units", manifest => manifest["kernels"]![1]!["computeUnits"]![0]!["name"] = "decode_2" },
        { "other compute units", manifest => manifest["kernels"]![1]!["computeUnits"]![0]!["banks"]![0] = "DDR[0]" },
        { "malformed", manifest => manifest["surprise"] = 1 },
        { "malformed", manifest => manifest.AsObject().Remove("sha256") },
        { "malformed", manifest => manifest["kernels"] = null },
    };

    [Theory]
    [MemberData(nameof(ManifestChanges), DisableDiscoveryEnumeration = true)]
    public void A_manifest_that_does_not_fit_is_refused(string problem, Action<JsonNode> change)
    {
        string path = WritePair(SampleXclbin.Description());
        string manifestPath = BitstreamManifest.PathFor(path);
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(manifestPath))!;
        change(manifest);
        File.WriteAllText(manifestPath, manifest.ToJsonString());

        AssertRefused(path, problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_manifest_that_is_no_manifest_is_refused(string json)
    {
        string path = WritePair(SampleXclbin.Description());
        File.WriteAllText(BitstreamManifest.PathFor(path), json);

        AssertRefused(path, "manifest");
    }

    public static TheoryData<string, XclbinDescription> ForeignKernels()
    {
        XclbinDescription good = SampleXclbin.Description();
        return new TheoryData<string, XclbinDescription>
        {
            {
                "kernel jpegact_decode is missing",
                good with { Kernels = [good.Kernels[0]], ComputeUnits = [good.ComputeUnits[0]] }
            },
            { "kernel jpegact_decode has no compute unit", good with { ComputeUnits = [good.ComputeUnits[0]] } },
            {
                "argument 7 is named total, but this host expects descriptor_count",
                SampleXclbin.WithEncodeArgument(7, argument => argument with { Name = "total" })
            },
            {
                "argument 7 (descriptor_count) has 8 bytes, but this host expects 4",
                SampleXclbin.WithEncodeArgument(7, argument => argument with { Size = 8 })
            },
            {
                "has 12 arguments, but this host expects 13",
                good with
                {
                    Kernels = [good.Kernels[0] with { Arguments = [.. good.Kernels[0].Arguments.SkipLast(1)] }, .. good.Kernels.Skip(1)],
                }
            },
        };
    }

    [Theory]
    [MemberData(nameof(ForeignKernels), DisableDiscoveryEnumeration = true)]
    public void An_xclbin_with_other_kernels_gets_no_manifest(string problem, XclbinDescription description)
    {
        XclbinFile file = XclbinFile.Parse(XclbinWriter.Write(description), "foreign.xclbin");

        InvalidXclbinException exception = Assert.Throws<InvalidXclbinException>(() => BitstreamManifest.Create(file));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_check_does_not_trust_the_manifest()
    {
        XclbinDescription renamed = SampleXclbin.WithEncodeArgument(7, argument => argument with { Name = "total" });
        string path = _folder.File("sample.xclbin");
        File.WriteAllBytes(path, XclbinWriter.Write(renamed));
        BitstreamManifest good = BitstreamManifest.Create(XclbinFile.Parse(SampleXclbin.Content(), "sample.xclbin"));
        (good with { Sha256 = XclbinFile.Read(path).Sha256 }).Save(BitstreamManifest.PathFor(path));

        AssertRefused(path, "argument 7 is named total, but this host expects descriptor_count");
    }

    [Fact]
    public void The_hash_of_sources_depends_on_names_and_bytes_of_sources_alone()
    {
        string WriteSources(string folder, string name, string text)
        {
            string root = _folder.File(folder);
            Directory.CreateDirectory(Path.Combine(root, "kernels"));
            File.WriteAllText(Path.Combine(root, "kernels", name), text);
            File.WriteAllText(Path.Combine(root, "notes.md"), folder);
            return SourceHash.Compute(root);
        }

        string first = WriteSources("a", "k.cpp", "int x;");

        Assert.Equal(64, first.Length);
        Assert.Equal(first, WriteSources("b", "k.cpp", "int x;"));
        Assert.NotEqual(first, WriteSources("c", "k.cpp", "int y;"));
        Assert.NotEqual(first, WriteSources("d", "l.cpp", "int x;"));
        Directory.CreateDirectory(_folder.File("empty"));
        Assert.Throws<FileNotFoundException>(() => SourceHash.Compute(_folder.File("empty")));
    }

    private string WritePair(XclbinDescription description)
    {
        string path = _folder.File("sample.xclbin");
        File.WriteAllBytes(path, XclbinWriter.Write(description));
        BitstreamManifest.Create(XclbinFile.Read(path)).Save(BitstreamManifest.PathFor(path));
        return path;
    }

    private static void AssertRefused(string path, string problem)
    {
        InvalidXclbinException exception =
            Assert.Throws<InvalidXclbinException>(() => BitstreamManifest.Verify(path));
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }
}
