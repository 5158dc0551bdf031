using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt.Tests;

/// <summary>A run that lasts until the test opens its gate.</summary>
internal sealed class GateSession : IDisposable
{
    public GateSession(XrtDevice device, Guid xclbin, string kernel = "wait_gate:{wait_gate_1}")
    {
        Kernel = XrtKernel.Open(device, xclbin, kernel);
        Gate = XrtBuffer.Allocate(device, sizeof(uint), Kernel.GetBank(0));
        Output = XrtBuffer.Allocate(device, sizeof(uint), Kernel.GetBank(1));
        Run = XrtRun.Open(Kernel);
        Run.SetArgument(0, Gate);
        Run.SetArgument(1, Output);
        WriteGate(0);
    }

    public XrtKernel Kernel { get; }

    public XrtBuffer Gate { get; }

    public XrtBuffer Output { get; }

    public XrtRun Run { get; }

    /// <summary>Lets the kernel end, with a value that it writes.</summary>
    public void Open(uint value) => WriteGate(value);

    public uint ReadOutput()
    {
        Output.Sync(XrtSyncDirection.FromDevice);
        return MemoryMarshal.Read<uint>(Output.AsSpan(0, sizeof(uint)));
    }

    public void WaitUntilRunning()
        => CardTest.Eventually(() => Run.State == XrtRunState.Running, "the kernel does not start");

    public void Dispose()
    {
        Run.Dispose();
        Output.Dispose();
        Gate.Dispose();
        Kernel.Dispose();
    }

    private void WriteGate(uint value)
    {
        MemoryMarshal.Write(Gate.AsSpan(0, sizeof(uint)), in value);
        Gate.Sync(XrtSyncDirection.ToDevice);
    }
}
