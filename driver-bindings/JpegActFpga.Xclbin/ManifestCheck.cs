using System.Globalization;

namespace JpegActFpga.Xclbin;

/// <summary>Compares a manifest with its xclbin and with this host.</summary>
internal static class ManifestCheck
{
    private const string Rewrite = "Write the manifest again with 'xclbin-packer manifest', if the xclbin is the right one";

    /// <exception cref="InvalidXclbinException">Something differs.</exception>
    public static void Check(XclbinFile file, BitstreamManifest manifest, string manifestPath)
    {
        if (manifest.LayoutVersion != KernelInterface.LayoutVersion)
        {
            throw new InvalidXclbinException(
                manifestPath,
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the kernels have layout version {manifest.LayoutVersion}, but this host speaks {KernelInterface.LayoutVersion}"),
                "Use the host that the xclbin was made for, or build the xclbin from the fpga-kernels of this version");
        }

        if (!string.Equals(manifest.Sha256, file.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidXclbinException(
                file.Path,
                null,
                $"the xclbin is foreign: its SHA-256 is {file.Sha256}, but its manifest says {manifest.Sha256}",
                Rewrite);
        }

        Require(manifest.Xclbin == Path.GetFileName(file.Path), $"the manifest is of {manifest.Xclbin}");
        Require(manifest.Platform == file.Platform, $"the manifest says platform {manifest.Platform}, the xclbin {file.Platform}");
        Require(
            manifest.Target == file.Target,
            $"the manifest says target {XclbinTargetName.Of(manifest.Target)}, the xclbin {XclbinTargetName.Of(file.Target)}");
        foreach (KernelSignature kernel in KernelInterface.Kernels)
        {
            ManifestKernel listed = manifest.Kernels.FirstOrDefault(candidate => candidate.Name == kernel.Name)
                ?? throw Refuse($"kernel {kernel.Name} missing from the manifest");
            CheckArguments(kernel, listed);
            ManifestKernel actual = ManifestKernel.Of(kernel, file);
            Require(
                listed.ComputeUnits.Count == actual.ComputeUnits.Count
                    && listed.ComputeUnits.Zip(actual.ComputeUnits).All(
                        pair => pair.First.Name == pair.Second.Name && pair.First.Banks.SequenceEqual(pair.Second.Banks)),
                $"the manifest lists other compute units or banks of {kernel.Name} than the xclbin has");
        }

        void Require(bool condition, string problem)
        {
            if (!condition)
            {
                throw Refuse(problem);
            }
        }

        void CheckArguments(KernelSignature kernel, ManifestKernel listed)
        {
            Require(
                listed.Args.Count == kernel.Arguments.Count,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the manifest lists {listed.Args.Count} arguments of {kernel.Name}, but this host expects {kernel.Arguments.Count}"));
            for (int i = 0; i < kernel.Arguments.Count; i++)
            {
                Require(
                    listed.Args[i] == kernel.Arguments[i].Name,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"kernel {kernel.Name}: argument {i} is named {listed.Args[i]} in the manifest, but this host expects {kernel.Arguments[i].Name}"));
            }
        }

        InvalidXclbinException Refuse(string problem) => new(manifestPath, null, problem, Rewrite);
    }
}
