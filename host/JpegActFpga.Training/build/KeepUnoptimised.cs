// Compiled by MSBuild (RoslynCodeTaskFactory: C# 7.3, netstandard2.0, no implicit usings) and linked into the tests.
#pragma warning disable IDE0005 // MSBuild compiles this without implicit usings, the tests with them
using System;
using System.IO;
using System.Text;
#pragma warning restore IDE0005

/// <summary>
/// Marks the methods of a managed assembly NoOptimization and NoInlining, in its bytes (ECMA-335, II.22.26 and II.24.2): one
/// column of the method table, so nothing moves.
/// </summary>
public sealed class AssemblyMethods
{
    /// <summary>MethodImplAttributes: NoInlining and NoOptimization (ECMA-335, II.23.1.11).</summary>
    public const ushort Unoptimised = 0x0008 | 0x0040;

    private const int MethodTable = 6;

    private readonly byte[] _image;
    private readonly int _firstRow;
    private readonly int _rowBytes;
    private readonly int _rows;

    /// <summary>Finds the method table; InvalidDataException when the image is no managed assembly.</summary>
    public AssemblyMethods(byte[] image)
    {
        _image = image;
        try
        {
            int tables = TableStream();
            int heaps = image[tables + 6];
            ulong present = BitConverter.ToUInt64(image, tables + 8);
            int[] rows = new int[64];
            int at = tables + 24;
            for (int table = 0; table < rows.Length; table++)
            {
                if ((present >> table & 1) != 0)
                {
                    rows[table] = I32(at);
                    at += 4;
                }
            }

            // Bytes of a row of each table up to the methods: Module, TypeRef, TypeDef, FieldPtr, Field, MethodPtr.
            int text = (heaps & 1) != 0 ? 4 : 2;
            int guid = (heaps & 2) != 0 ? 4 : 2;
            int blob = (heaps & 4) != 0 ? 4 : 2;
            int[] bytes =
            {
                2 + text + (3 * guid),
                Index(2, rows[0], rows[26], rows[35], rows[1]) + (2 * text),
                4 + (2 * text) + Index(2, rows[2], rows[1], rows[27]) + Index(0, rows[4]) + Index(0, rows[MethodTable]),
                Index(0, rows[4]),
                2 + text + blob,
                Index(0, rows[MethodTable]),
            };
            for (int table = 0; table < MethodTable; table++)
            {
                at = checked(at + (rows[table] * bytes[table]));
            }

            _firstRow = at;
            _rowBytes = 8 + text + blob + Index(0, rows[8]);
            _rows = rows[MethodTable];
            if (checked(_firstRow + (_rows * _rowBytes)) > image.Length)
            {
                throw new InvalidDataException("its method table ends behind the file");
            }
        }
        catch (Exception e) when (e is ArgumentException || e is IndexOutOfRangeException || e is OverflowException)
        {
            throw new InvalidDataException("not a managed assembly", e);
        }
    }

    /// <summary>Marks every method that has a body, in the image given to the constructor.</summary>
    /// <returns>Methods that were not marked before.</returns>
    public int Mark()
    {
        int marked = 0;
        for (int row = 0, at = _firstRow; row < _rows; row++, at += _rowBytes)
        {
            bool hasBody = I32(at) != 0;
            int flags = BitConverter.ToUInt16(_image, at + 4);
            if (hasBody && (flags & Unoptimised) != Unoptimised)
            {
                flags |= Unoptimised;
                _image[at + 4] = (byte)flags;
                _image[at + 5] = (byte)(flags >> 8);
                marked++;
            }
        }

        return marked;
    }

    // Bytes of an index into one of several tables, told apart by `tagBits`.
    private static int Index(int tagBits, params int[] rows)
    {
        foreach (int count in rows)
        {
            if (count >= 1 << (16 - tagBits))
            {
                return 4;
            }
        }

        return 2;
    }

    private int TableStream()
    {
        int header = I32(0x3c);
        if (BitConverter.ToUInt16(_image, 0) != 0x5a4d || I32(header) != 0x4550)
        {
            throw new InvalidDataException("not a managed assembly");
        }

        int optional = header + 24;
        bool wide = BitConverter.ToUInt16(_image, optional) == 0x20b;
        int commonLanguage = I32(optional + (wide ? 112 : 96) + (14 * 8));
        int metadata = Offset(header, I32(Offset(header, commonLanguage) + 8));
        if (I32(metadata) != 0x424a5342)
        {
            throw new InvalidDataException("not a managed assembly");
        }

        int stream = metadata + 16 + I32(metadata + 12);
        int streams = BitConverter.ToUInt16(_image, stream + 2);
        stream += 4;
        for (int i = 0; i < streams; i++)
        {
            int end = Array.IndexOf(_image, (byte)0, stream + 8);
            string name = Encoding.ASCII.GetString(_image, stream + 8, end - stream - 8);
            if (name == "#~")
            {
                return metadata + I32(stream);
            }

            stream += 8 + ((name.Length + 4) / 4 * 4);
        }

        throw new InvalidDataException("it has no compressed metadata tables");
    }

    private int Offset(int header, int address)
    {
        int section = header + 24 + BitConverter.ToUInt16(_image, header + 20);
        for (int i = 0; i < BitConverter.ToUInt16(_image, header + 6); i++, section += 40)
        {
            if (address >= I32(section + 12) && address < I32(section + 12) + I32(section + 16))
            {
                return address - I32(section + 12) + I32(section + 20);
            }
        }

        throw new InvalidDataException("address 0x" + address.ToString("x") + " lies in no section");
    }

    private int I32(int at) { return BitConverter.ToInt32(_image, at); }
}

#if !WITHOUT_MSBUILD_TASK
/// <summary>
/// Keeps the JIT from optimising copied assemblies. Idempotent; keeps the file's time stamp and size, so that the incremental
/// copy does not undo it at each build.
/// </summary>
public sealed class KeepUnoptimised : Microsoft.Build.Utilities.Task
{
    /// <summary>The copies to edit.</summary>
    [Microsoft.Build.Framework.Required]
    public Microsoft.Build.Framework.ITaskItem[] Files { get; set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        foreach (Microsoft.Build.Framework.ITaskItem item in Files)
        {
            string file = item.GetMetadata("FullPath");
            try
            {
                Mark(file);
            }
            catch (Exception e) when (e is IOException || e is InvalidDataException || e is UnauthorizedAccessException)
            {
                Log.LogError("{0} could not be marked as unoptimised: {1}. A garbage collection could free a tensor in use.", file, e.Message);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private static void Mark(string file)
    {
        byte[] image = File.ReadAllBytes(file);
        if (new AssemblyMethods(image).Mark() == 0)
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
    }
}
#endif
