namespace JpegActFpga.XclbinPacker;

/// <summary>An input of the packer is missing or malformed; the message is for the user.</summary>
internal sealed class PackerException : Exception
{
    public PackerException()
    {
    }

    public PackerException(string message)
        : base(message)
    {
    }

    public PackerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
