namespace JpegActFpga.Gpu.Tests;

public sealed class GpuOptionsTests
{
    [Theory]
    [InlineData(nameof(GpuOptions.DeviceIndex))]
    [InlineData(nameof(GpuOptions.Lanes))]
    [InlineData(nameof(GpuOptions.WaitLimit))]
    [InlineData(nameof(GpuOptions.DriverLimit))]
    [InlineData(nameof(GpuOptions.RingSlotBytes))]
    public void Options_out_of_range_are_named(string name)
    {
        new GpuOptions().Validate();
        GpuOptions[] bad = name switch
        {
            nameof(GpuOptions.DeviceIndex) => [new() { DeviceIndex = -1 }],
            nameof(GpuOptions.Lanes) => [new() { Lanes = 0 }, new() { Lanes = 17 }],
            nameof(GpuOptions.WaitLimit) => [new() { WaitLimit = TimeSpan.Zero }, new() { WaitLimit = TimeSpan.MaxValue }],
            nameof(GpuOptions.DriverLimit) => [new() { DriverLimit = TimeSpan.Zero }, new() { DriverLimit = TimeSpan.FromHours(2) }],
            _ => [new() { RingSlotBytes = 4095 }],
        };
        Assert.All(bad, options => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName));
    }
}
