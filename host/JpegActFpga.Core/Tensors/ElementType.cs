namespace JpegActFpga.Core.Tensors;

/// <summary>Element types the codec takes; the values are the frame's codes (docs/format.md, section 5).</summary>
public enum ElementType
{
    /// <summary>IEEE-754 binary32.</summary>
    Float32 = 1,

    /// <summary>IEEE-754 binary16.</summary>
    Float16 = 2,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 3,
}

/// <summary>Facts about element types.</summary>
public static class ElementTypes
{
    /// <summary>Gives the size of an element.</summary>
    /// <param name="type">A defined element type.</param>
    /// <returns>Bytes an element.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The type is not defined.</exception>
    public static int ByteSize(this ElementType type) => type switch
    {
        ElementType.Float32 => 4,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Not an element type of the codec: use Float32, Float16 or BFloat16."),
    };

    /// <summary>Gives the name the command line and reports use.</summary>
    /// <param name="type">A defined element type.</param>
    /// <returns>float32, float16 or bfloat16.</returns>
    public static string DisplayName(this ElementType type) => type switch
    {
        ElementType.Float32 => "float32",
        ElementType.Float16 => "float16",
        ElementType.BFloat16 => "bfloat16",
        _ => $"element type {(int)type}",
    };
}
