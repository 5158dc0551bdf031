// Compiled by MSBuild (RoslynCodeTaskFactory: C# 7.3, netstandard2.0, no implicit usings) and linked into the tests.
#pragma warning disable IDE0005 // MSBuild compiles this without implicit usings, the tests with them
using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
#pragma warning restore IDE0005

/// <summary>
/// Edits the GNU version needs (.gnu.version_r) of an ELF64 little-endian shared library.
/// </summary>
public sealed class ElfVersionNeeds
{
    private const ushort WeakFlag = 2; // VER_FLG_WEAK: the dynamic loader accepts the version as missing

    private readonly byte[] _image;
    private readonly List<ulong[]> _segments = new List<ulong[]>(); // virtual address, file offset, file size
    private readonly Dictionary<ulong, ulong> _dynamic = new Dictionary<ulong, ulong>();

    /// <summary>Reads the program headers and the dynamic section; InvalidDataException when it is no ELF64 library.</summary>
    public ElfVersionNeeds(byte[] image)
    {
        _image = image;
        if (image.Length < 64 || U32(0) != 0x464C457F || image[4] != 2 || image[5] != 1)
        {
            throw new InvalidDataException("not an ELF64 little-endian file");
        }

        ulong headers = U64(32);
        for (int i = 0; i < U16(56); i++)
        {
            ulong header = headers + (ulong)(i * U16(54));
            uint type = U32(header);
            if (type == 1)
            {
                _segments.Add(new[] { U64(header + 16), U64(header + 8), U64(header + 32) });
            }
            else if (type == 2)
            {
                for (ulong entry = U64(header + 8); U64(entry) != 0; entry += 16)
                {
                    _dynamic[U64(entry)] = U64(entry + 8);
                }
            }
        }
    }

    /// <summary>
    /// Marks the need for <paramref name="version"/> as weak in the image given to the constructor.
    /// </summary>
    /// <returns>True when the image was changed, false when the need is absent or weak already.</returns>
    /// <exception cref="InvalidDataException">A relocation uses a symbol of that version: the library really needs it.</exception>
    public bool Weaken(string version)
    {
        if (!_dynamic.TryGetValue(0x6ffffffe, out ulong needs)) // DT_VERNEED
        {
            return false;
        }

        bool changed = false;
        ulong strings = Offset(_dynamic[5]);
        ulong need = Offset(needs);
        for (ulong n = 0; n < _dynamic[0x6fffffff]; n++) // DT_VERNEEDNUM
        {
            ulong aux = need + U32(need + 8);
            for (int k = 0; k < U16(need + 2); k++)
            {
                if (Text(strings + U32(aux + 8)) == version && (U16(aux + 4) & WeakFlag) == 0)
                {
                    RefuseIfUsed(U16(aux + 6), version, strings);
                    _image[aux + 4] |= (byte)WeakFlag;
                    changed = true;
                }

                aux += U32(aux + 12);
            }

            need += U32(need + 12);
        }

        return changed;
    }

    private void RefuseIfUsed(ushort versionIndex, string version, ulong strings)
    {
        RefuseIfUsed(7, 8, versionIndex, version, strings);   // DT_RELA, DT_RELASZ
        RefuseIfUsed(23, 2, versionIndex, version, strings);  // DT_JMPREL, DT_PLTRELSZ
    }

    private void RefuseIfUsed(ulong tableTag, ulong sizeTag, ushort versionIndex, string version, ulong strings)
    {
        if (!_dynamic.TryGetValue(tableTag, out ulong address) || !_dynamic.TryGetValue(sizeTag, out ulong size))
        {
            return;
        }

        ulong table = Offset(address);
        ulong versions = Offset(_dynamic[0x6ffffff0]); // DT_VERSYM
        for (ulong r = table; r < table + size; r += 24)
        {
            ulong symbol = U64(r + 8) >> 32;
            if (symbol != 0 && (U16(versions + (2 * symbol)) & 0x7fff) == versionIndex)
            {
                string name = Text(strings + U32(Offset(_dynamic[6]) + (24 * symbol)));
                throw new InvalidDataException("it really uses " + name + " of " + version);
            }
        }
    }

    private ulong Offset(ulong address)
    {
        foreach (ulong[] segment in _segments)
        {
            if (address >= segment[0] && address < segment[0] + segment[2])
            {
                return address - segment[0] + segment[1];
            }
        }

        throw new InvalidDataException("address 0x" + address.ToString("x") + " lies in no segment");
    }

    private string Text(ulong offset)
    {
        int end = Array.IndexOf(_image, (byte)0, (int)offset);
        return Encoding.ASCII.GetString(_image, (int)offset, end - (int)offset);
    }

    private ushort U16(ulong offset) { return BitConverter.ToUInt16(_image, (int)offset); }

    private uint U32(ulong offset) { return BitConverter.ToUInt32(_image, (int)offset); }

    private ulong U64(ulong offset) { return BitConverter.ToUInt64(_image, (int)offset); }
}

#if !WITHOUT_MSBUILD_TASK
/// <summary>
/// Marks the need for a libstdc++ version as weak in copied libraries, when this system's libstdc++ lacks the version.
/// Idempotent; keeps the file's time stamp, so that the incremental copy does not undo it at each build.
/// </summary>
public sealed class WeakenElfVersionNeed : Microsoft.Build.Utilities.Task
{
    private static readonly string[] Folders =
    {
        "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/lib",
    };

    /// <summary>The copies to edit.</summary>
    [Microsoft.Build.Framework.Required]
    public Microsoft.Build.Framework.ITaskItem[] Files { get; set; }

    /// <summary>The version, for example GLIBCXX_3.4.32.</summary>
    [Microsoft.Build.Framework.Required]
    public string Version { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        if (Files.Length == 0 || SystemHasVersion())
        {
            return true;
        }

        foreach (Microsoft.Build.Framework.ITaskItem item in Files)
        {
            string file = item.GetMetadata("FullPath");
            try
            {
                Weaken(file);
            }
            catch (Exception e) when (e is IOException || e is UnauthorizedAccessException || e is ArgumentException)
            {
                Log.LogError(
                    "{0} needs {1}, which this system's libstdc++ lacks, and the need could not be marked as weak: {2}. "
                    + "Install a newer libstdc++6 instead.", file, Version, e.Message);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private void Weaken(string file)
    {
        byte[] image = File.ReadAllBytes(file);
        if (!new ElfVersionNeeds(image).Weaken(Version))
        {
            return;
        }

        // A new file, not an edit in place: the old one may be mapped by a running program, or be a hard link.
        DateTime stamp = File.GetLastWriteTimeUtc(file);
        string temporary = file + "." + Guid.NewGuid().ToString("N") + ".tmp";
        File.WriteAllBytes(temporary, image);
        File.SetLastWriteTimeUtc(temporary, stamp);
        File.Delete(file);
        File.Move(temporary, file);
        Log.LogMessage(
            Microsoft.Build.Framework.MessageImportance.High,
            "{0}: marked its need for {1} as weak (no symbol of it is used, and this system's libstdc++ lacks it)", file, Version);
    }

    private bool SystemHasVersion()
    {
        byte[] wanted = Encoding.ASCII.GetBytes(Version + "\0");
        foreach (string folder in Folders)
        {
            string file = Path.Combine(folder, "libstdc++.so.6");
            if (File.Exists(file))
            {
                // Latin-1 maps each byte to one character, so an ordinal search of the text is a search of the bytes.
                Encoding latin1 = Encoding.GetEncoding("ISO-8859-1");
                return latin1.GetString(File.ReadAllBytes(file)).IndexOf(latin1.GetString(wanted), StringComparison.Ordinal) >= 0;
            }
        }

        return false;
    }
}
#endif
