namespace JpegActFpga.Core.Profiles;

/// <summary>How a frame holds its tensor; the values are the frame's codes (docs/format.md, section 4).</summary>
public enum CodecMethod
{
    /// <summary>The elements as they are.</summary>
    Raw = 0,

    /// <summary>SFPR, 8x8 DCT, shift quantisation, ZVC: the JPEG-ACT pipeline.</summary>
    JpegAct = 1,

    /// <summary>Scaled fix-point precision reduction: one byte an element.</summary>
    Sfpr = 2,

    /// <summary>SFPR with zero-value compression.</summary>
    SfprZvc = 3,

    /// <summary>Binary ReLU compression: one bit an element, exact for the backward pass of a ReLU.</summary>
    Brc = 4,
}

/// <summary>Rounding of the shift quantiser.</summary>
public enum QuantiserRounding
{
    /// <summary>To nearest, halves up.</summary>
    Nearest = 0,

    /// <summary>Toward zero: a dead zone that buys ratio.</summary>
    Truncate = 1,
}

/// <summary>What shares one SFPR scale.</summary>
public enum ScaleMode
{
    /// <summary>The method has no scales.</summary>
    None = 0,

    /// <summary>All samples of a channel, as in the paper.</summary>
    PerChannel = 1,

    /// <summary>One channel of one sample.</summary>
    PerPlane = 2,
}

/// <summary>Facts about methods.</summary>
public static class CodecMethods
{
    /// <summary>Tells whether frames of the method have a mask plane.</summary>
    /// <param name="method">A method.</param>
    public static bool HasMasks(this CodecMethod method) => method is CodecMethod.JpegAct or CodecMethod.SfprZvc or CodecMethod.Brc;

    /// <summary>Tells whether frames of the method have scales.</summary>
    /// <param name="method">A method.</param>
    public static bool HasScales(this CodecMethod method) => method is CodecMethod.JpegAct or CodecMethod.Sfpr or CodecMethod.SfprZvc;

    /// <summary>Gives the name the command line and reports use.</summary>
    /// <param name="method">A method.</param>
    public static string DisplayName(this CodecMethod method) => method switch
    {
        CodecMethod.Raw => "raw",
        CodecMethod.JpegAct => "jpeg-act",
        CodecMethod.Sfpr => "sfpr",
        CodecMethod.SfprZvc => "sfpr-zvc",
        CodecMethod.Brc => "brc",
        _ => $"method {(int)method}",
    };
}
