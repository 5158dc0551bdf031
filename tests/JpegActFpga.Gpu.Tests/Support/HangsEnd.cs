namespace JpegActFpga.Gpu.Tests.Support;

/// <summary>Ends what hangs when it is disposed: so that a test that fails does not wait for it.</summary>
internal sealed class HangsEnd : IDisposable
{
    public void Dispose() => Gpu.Reset();
}
