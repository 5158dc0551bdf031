using System.Runtime.ExceptionServices;

namespace JpegActFpga.Cuda;

/// <summary>
/// Calls of the driver that wait by themselves: to free, to allocate or to load, it may wait for all work in the context, and
/// for ever where a kernel hangs. They are made on a thread of their own, which is left behind where the limit passes.
/// </summary>
internal sealed class LimitedCall
{
    private readonly Func<int> _call;
    private ExceptionDispatchInfo? _error;
    private int _result;

    private LimitedCall(Func<int> call) => _call = call;

    /// <summary>Makes a call.</summary>
    /// <param name="call">The call. It may go on after the limit, so it must not use the caller's stack.</param>
    /// <param name="limit">The longest wait.</param>
    /// <param name="result">What it gave.</param>
    /// <returns>False where the limit passed.</returns>
    internal static bool TryRun(Func<int> call, TimeSpan limit, out int result)
    {
        var limited = new LimitedCall(call);
        var thread = new Thread(limited.Run) { IsBackground = true, Name = "CUDA call" };
        thread.Start();
        if (!thread.Join(limit))
        {
            result = 0;
            return false;
        }

        limited._error?.Throw();
        result = limited._result;
        return true;
    }

    private void Run()
    {
        try
        {
            _result = _call();
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            _error = ExceptionDispatchInfo.Capture(error);
        }
    }
}
