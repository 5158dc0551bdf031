using System.Globalization;
using JpegActFpga.Xclbin;

namespace JpegActFpga.XclbinPacker;

/// <summary>The commands of the packer.</summary>
internal static class Commands
{
    public const string Usage =
        """
        usage:
          xclbin-packer pack --recipe R.json --payload kernels.so --out X.xclbin [--sources DIR]
              Writes an xclbin for the emulated card, and its manifest X.xclbin.json.
          xclbin-packer manifest --xclbin X.xclbin --target csim|hw_emu|hw [--sources DIR]
              Checks the kernels of an xclbin that v++ has made, and writes its manifest.
          xclbin-packer verify X.xclbin
              Checks an xclbin against its manifest and against this version's kernel interface.
          xclbin-packer show X.xclbin
              Prints what an xclbin holds.
        exit codes: 0 done, 1 a file is missing, malformed or does not fit, 2 wrong usage
        """;

    /// <exception cref="UsageException">The command line is wrong.</exception>
    /// <exception cref="PackerException">An input is missing or malformed.</exception>
    /// <exception cref="InvalidXclbinException">An xclbin or a manifest is missing, malformed or does not fit.</exception>
    public static void Run(string[] arguments, TextWriter output)
    {
        ReadOnlySpan<string> rest = arguments.AsSpan(Math.Min(1, arguments.Length));
        switch (arguments.FirstOrDefault())
        {
            case "pack":
                Pack(new CommandLine(rest, "--recipe", "--payload", "--out", "--sources"), output);
                break;
            case "manifest":
                WriteManifest(new CommandLine(rest, "--xclbin", "--target", "--sources"), output);
                break;
            case "verify":
                Verify(new CommandLine(rest), output);
                break;
            case "show":
                Show(new CommandLine(rest), output);
                break;
            case "help" or "--help" or "-h":
                output.WriteLine(Usage);
                break;
            case null:
                throw new UsageException("a command is missing");
            default:
                throw new UsageException($"there is no command '{arguments[0]}'");
        }
    }

    private static void Pack(CommandLine line, TextWriter output)
    {
        line.Operands(0);
        string recipePath = line.Required("--recipe");
        string payloadPath = line.Required("--payload");
        string path = line.Required("--out");
        byte[] payload = ReadPayload(payloadPath);
        byte[] content;
        try
        {
            content = XclbinWriter.Write(Recipe.Load(recipePath).Describe(payload));
        }
        catch (Exception exception) when (exception is ArgumentException or OverflowException)
        {
            throw new PackerException($"{recipePath}: the recipe does not hold together: {exception.Message}", exception);
        }

        // What was written is read back before anything is left on disk.
        XclbinFile file = XclbinFile.Parse(content, path);
        BitstreamManifest manifest = BitstreamManifest.Create(file, HashSources(line));

        // The xclbin comes last and whole: whoever finds it finds its manifest, also after an interruption.
        string half = path + ".part";
        File.WriteAllBytes(half, content);
        manifest.Save(BitstreamManifest.PathFor(path));
        File.Move(half, path, overwrite: true);
        BitstreamManifest.Verify(path);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: {content.Length} bytes, {file.ComputeUnits.Count} compute units, sha256 {file.Sha256}"));
    }

    private static void WriteManifest(CommandLine line, TextWriter output)
    {
        line.Operands(0);
        string path = line.Required("--xclbin");
        string targetName = line.Required("--target");
        XclbinTarget target = XclbinTargetName.Parse(targetName)
            ?? throw new UsageException($"'{targetName}' is not a target");
        XclbinFile file = XclbinFile.Read(path);
        if (file.Target != target)
        {
            throw new PackerException($"{path}: the xclbin is for target {XclbinTargetName.Of(file.Target)}, not {targetName}");
        }

        BitstreamManifest manifest = BitstreamManifest.Create(file, HashSources(line));
        manifest.Save(BitstreamManifest.PathFor(path));
        BitstreamManifest.Verify(path);
        output.WriteLine($"{BitstreamManifest.PathFor(path)}: written, sha256 {file.Sha256}");
    }

    private static void Verify(CommandLine line, TextWriter output)
    {
        string path = line.Operands(1)[0];
        VerifiedBitstream verified = BitstreamManifest.Verify(path);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{path}: good, target {XclbinTargetName.Of(verified.File.Target)}, layout version {verified.Manifest.LayoutVersion}"));
    }

    private static void Show(CommandLine line, TextWriter output)
    {
        XclbinFile file = XclbinFile.Read(line.Operands(1)[0]);
        output.WriteLine($"file      {file.Path}");
        output.WriteLine($"sha256    {file.Sha256}");
        output.WriteLine($"uuid      {file.Uuid}");
        output.WriteLine($"platform  {file.Platform}");
        output.WriteLine($"target    {XclbinTargetName.Of(file.Target)}");
        foreach (XclbinMemoryBank bank in file.MemoryBanks)
        {
            string use = bank.Used ? "" : ", not used";
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"bank      {bank.Tag}: {bank.Kind}, {bank.Size >> 20} MiB at 0x{bank.BaseAddress:x}{use}"));
        }

        foreach (XclbinKernel kernel in file.Kernels)
        {
            output.WriteLine($"kernel    {kernel.Name}");
            foreach (XclbinArgument argument in kernel.Arguments)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {argument.Index,2}  0x{argument.Offset:x3}  {argument.Size}  {argument.Type,-12}  {argument.Name}"));
            }
        }

        foreach (XclbinComputeUnit unit in file.ComputeUnits)
        {
            IEnumerable<string> banks = unit.Connections
                .Select(connection => file.MemoryBanks[connection.Bank].Tag)
                .Distinct();
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"unit      {unit.XrtName} at 0x{unit.BaseAddress:x}, banks {string.Join(" ", banks)}"));
        }
    }

    private static string? HashSources(CommandLine line) =>
        line.Optional("--sources") is string folder ? SourceHash.Compute(folder) : null;

    private static byte[] ReadPayload(string path)
    {
        byte[] payload;
        try
        {
            payload = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PackerException(
                $"{path}: the payload cannot be read: {exception.Message} (make it with 'make csim-lib' in fpga-kernels)", exception);
        }

        return payload.AsSpan().StartsWith("\x7f"u8) && payload.AsSpan(1).StartsWith("ELF"u8)
            ? payload
            : throw new PackerException($"{path}: the payload is not a shared library (ELF)");
    }
}
