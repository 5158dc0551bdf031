using JpegActFpga.Xclbin;
using JpegActFpga.XclbinPacker;

const int good = 0;
const int failed = 1;
const int usage = 2;

try
{
    Commands.Run(args, Console.Out);
    return good;
}
catch (UsageException exception)
{
    Console.Error.WriteLine($"xclbin-packer: {exception.Message}");
    Console.Error.WriteLine(Commands.Usage);
    return usage;
}
catch (Exception exception) when (exception
    is PackerException or InvalidXclbinException or ArgumentException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"xclbin-packer: {exception.Message}");
    return failed;
}
