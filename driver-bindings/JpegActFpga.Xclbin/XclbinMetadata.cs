using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace JpegActFpga.Xclbin;

/// <summary>The XML of the EMBEDDED_METADATA section: kernels, their arguments and their instances.</summary>
internal static class XclbinMetadata
{
    // A U250 part; only shown by tools.
    private const string DeviceName = "fpga0";

    public static byte[] Write(XclbinDescription description)
    {
        string name = description.Platform;
        var core = new XElement(
            "core",
            Attributes(("name", "OCL_REGION_0"), ("target", description.Target.ToString().ToLowerInvariant()), ("type", "clc_region")),
            new XElement(
                "kernelClocks",
                new XElement("clock", Attributes(("port", "KERNEL_CLK"), ("frequency", $"{Text(description.ClockMegahertz)}MHz")))));
        foreach (XclbinKernel kernel in description.Kernels)
        {
            core.Add(WriteKernel(kernel, description.ComputeUnits.Where(unit => unit.Kernel == kernel.Name)));
        }

        var project = new XElement(
            "project",
            Attributes(("name", "jpegact")),
            new XElement(
                "platform",
                Attributes(("vendor", "jpegact"), ("boardid", name), ("name", name)),
                new XElement("device", Attributes(("name", DeviceName), ("fpgaDevice", name)), core)));
        return Encoding.ASCII.GetBytes(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + project.ToString(SaveOptions.DisableFormatting));
    }

    /// <exception cref="XmlException">The section is not XML.</exception>
    /// <exception cref="FormatException">An attribute is missing or not a number.</exception>
    public static IReadOnlyList<XclbinKernel> ReadKernels(ReadOnlySpan<byte> section)
    {
        // Some tools end the section with zeros.
        string text = Encoding.UTF8.GetString(section.TrimEnd((byte)0));
        using var reader = XmlReader.Create(
            new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        XDocument document = XDocument.Load(reader);
        return [.. document.Descendants("core").Elements("kernel").Select(ReadKernel)];
    }

    private static XElement WriteKernel(XclbinKernel kernel, IEnumerable<XclbinComputeUnit> units)
    {
        var element = new XElement(
            "kernel",
            Attributes(("name", kernel.Name), ("language", "c")),
            new XElement("port", Attributes(("name", "M_AXI"), ("mode", "master"), ("range", "0xFFFFFFFFFFFFFFFF"), ("dataWidth", "512"), ("portType", "addressable"), ("base", "0x0"))),
            new XElement("port", Attributes(("name", "S_AXI_CONTROL"), ("mode", "slave"), ("range", "0x10000"), ("dataWidth", "32"), ("portType", "addressable"), ("base", "0x0"))));
        foreach (XclbinArgument argument in kernel.Arguments)
        {
            element.Add(new XElement("arg", Attributes(
                ("name", argument.Name),
                ("addressQualifier", argument.IsGlobal ? "1" : "0"),
                ("id", Text(argument.Index)),
                ("port", argument.IsGlobal ? "M_AXI" : "S_AXI_CONTROL"),
                ("size", Hexadecimal((ulong)argument.Size)),
                ("offset", Hexadecimal((ulong)argument.Offset)),
                ("hostOffset", "0x0"),
                ("hostSize", Hexadecimal((ulong)argument.Size)),
                ("type", argument.Type))));
        }

        foreach (XclbinComputeUnit unit in units)
        {
            element.Add(new XElement(
                "instance",
                Attributes(("name", unit.Name)),
                new XElement("addrRemap", Attributes(("base", Hexadecimal(unit.BaseAddress)), ("port", "S_AXI_CONTROL")))));
        }

        return element;
    }

    private static XclbinKernel ReadKernel(XElement kernel)
    {
        string name = Required(kernel, "name");
        // Arguments without an id are the compiler's own, not the caller's.
        IEnumerable<XclbinArgument> arguments = kernel.Elements("arg")
            .Where(argument => !string.IsNullOrEmpty((string?)argument.Attribute("id")))
            .Select(argument => new XclbinArgument(
                Number(argument, "id"),
                Required(argument, "name"),
                Required(argument, "addressQualifier") == "1",
                Number(argument, "size"),
                Number(argument, "offset"),
                Required(argument, "type")))
            .OrderBy(argument => argument.Index);
        return new XclbinKernel(name, [.. arguments]);
    }

    private static string Required(XElement element, string attribute) =>
        (string?)element.Attribute(attribute)
        ?? throw new FormatException($"a <{element.Name}> element has no attribute '{attribute}'");

    private static int Number(XElement element, string attribute)
    {
        string text = Required(element, attribute);
        bool good = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return good && number >= 0
            ? number
            : throw new FormatException($"attribute '{attribute}' of a <{element.Name}> element is '{text}', not a number");
    }

    private static XAttribute[] Attributes(params (string Name, string Value)[] attributes) =>
        [.. attributes.Select(attribute => new XAttribute(attribute.Name, attribute.Value))];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Hexadecimal(ulong number) => string.Create(CultureInfo.InvariantCulture, $"0x{number:x}");
}
