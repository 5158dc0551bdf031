namespace JpegActFpga.Core.Tensors;

/// <summary>Element type and shape: all that sizes depend on.</summary>
/// <param name="ElementType">Type of the elements.</param>
/// <param name="Shape">Shape, C order.</param>
public sealed record TensorSpec(ElementType ElementType, TensorShape Shape)
{
    /// <summary>Gets the size of the tensor's elements in bytes.</summary>
    public long ByteCount => checked(Shape.ElementCount * ElementType.ByteSize());

    /// <inheritdoc/>
    public override string ToString() => $"{ElementType.DisplayName()} {Shape}";
}
