namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>CRC-32C bit by bit: reflected, initial and final xor 0xffffffff.</summary>
internal static class ModelCrc32C
{
    // The Castagnoli polynomial 0x1edc6f41 with its bits reversed.
    private const uint Polynomial = 0x82f63b78;

    private static readonly uint[] ByteSteps = MakeByteSteps();

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint register = 0xffffffff;
        foreach (byte b in bytes)
        {
            register = (register >> 8) ^ ByteSteps[(register ^ b) & 0xff];
        }

        return register ^ 0xffffffff;
    }

    private static uint[] MakeByteSteps()
    {
        var steps = new uint[256];
        for (uint b = 0; b < 256; b++)
        {
            uint register = b;
            for (int bit = 0; bit < 8; bit++)
            {
                bool out1 = (register & 1) != 0;
                register >>= 1;
                if (out1)
                {
                    register ^= Polynomial;
                }
            }

            steps[b] = register;
        }

        return steps;
    }
}
