using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// What <c>torch.autograd.graph.saved_tensors_hooks</c> is in Python: inside a scope, every tensor that autograd saves for the
/// backward pass goes through the given hooks. Works with any TorchSharp model, with no edit of the model.
/// </summary>
/// <remarks>
/// Installed once a process, by giving libtorch's autograd engine a copy of its virtual table in which one entry is ours.
/// The binary layout is checked first; where it is not the known one, nothing is touched and the reason is told.
/// Linux x86-64 only. Scopes belong to a thread; different threads may use different hooks at the same time.
/// </remarks>
public static class SavedTensorsHooks
{
    private static readonly Lock InstallLock = new();
    private static readonly ConditionalWeakTable<ISavedTensorHooks, HookErrors> Errors = new();
    private static string? _whyNot;

    [ThreadStatic]
    private static ISavedTensorHooks? _current;

    [ThreadStatic]
    private static int _disabled;

    /// <summary>The hooks are in place.</summary>
    public static bool IsInstalled { get; private set; }

    /// <summary>Saved tensors of graphs alive that went through hooks and are not released yet, of all threads.</summary>
    public static long HooksLive => HookObject.Live;

    /// <summary>
    /// A ReLU's save of its own result can be told from its consumers' saves. False on a libtorch whose nodes are laid out
    /// otherwise; then <see cref="SavedTensorInfo.IsReluOutputOfItself"/> is always false, which costs memory only.
    /// </summary>
    public static bool RecognisesReluOwnership => AutogradNodes.KnowsReluLayout;

    /// <summary>The hooks of this thread's innermost scope, or null outside scopes and inside a hook.</summary>
    internal static ISavedTensorHooks? Current => _disabled == 0 ? _current : null;

    /// <summary>Puts the hooks in place if they are not. Safe to call often and from any thread.</summary>
    /// <param name="whyNot">Empty on success, else what was found and what to do instead.</param>
    public static bool TryInstall(out string whyNot)
    {
        lock (InstallLock)
        {
            if (!IsInstalled && _whyNot is null)
            {
                try
                {
                    AutogradEngine.Install();
                    IsInstalled = true;
                    AutogradNodes.Probe();
                }
                catch (Exception e) when (e is PlatformNotSupportedException or DllNotFoundException or EntryPointNotFoundException)
                {
                    _whyNot = $"saved-tensor hooks cannot be installed: {e.Message}. Compress in the layers instead: "
                        + "derive from torch.autograd.SingleTensorFunction, put the compressed input into the context in "
                        + "forward and expand it in backward.";
                }
            }

            whyNot = _whyNot ?? "";
            return IsInstalled;
        }
    }

    /// <summary>
    /// Until the scope is disposed, tensors that autograd saves on this thread go through <paramref name="hooks"/>. Scopes
    /// nest; the innermost counts. The backward pass may run after the scope and on another thread.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The hooks cannot be installed here; the message says why.</exception>
    public static IDisposable Use(ISavedTensorHooks hooks)
    {
        ArgumentNullException.ThrowIfNull(hooks);
        return TryInstall(out string whyNot) ? new Scope(hooks) : throw new PlatformNotSupportedException(whyNot);
    }

    /// <summary>Throws the first exception that <paramref name="hooks"/> raised since the last call, if any.</summary>
    /// <exception cref="SavedTensorHookException">A hook failed; the inner exception is the hook's.</exception>
    public static void ThrowIfFailed(ISavedTensorHooks hooks)
    {
        ArgumentNullException.ThrowIfNull(hooks);
        if (Errors.TryGetValue(hooks, out HookErrors? errors) && errors.Take() is { } failure)
        {
            throw new SavedTensorHookException(failure.Hook, failure.Error);
        }
    }

    /// <summary>
    /// Runs the backward pass of <paramref name="loss"/>, and throws the hooks' own exception, rather than the torch error
    /// that stands for it, when a hook failed in it or in the forward pass before it.
    /// </summary>
    /// <exception cref="SavedTensorHookException">A hook failed; the inner exception is the hook's.</exception>
    public static void Backward(torch.Tensor loss, ISavedTensorHooks hooks)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ThrowIfFailed(hooks);
        try
        {
            loss.backward();
        }
        catch (Exception e)
        {
            ThrowIfFailed(hooks);
            ExceptionDispatchInfo.Throw(e);
        }

        ThrowIfFailed(hooks);
    }

    /// <summary>Forgets what <paramref name="hooks"/> raised since the last call where it is of the expected kind, and throws it where not.</summary>
    /// <exception cref="SavedTensorHookException">A hook failed otherwise; the inner exception is the hook's.</exception>
    internal static void ThrowIfFailedOtherwise(ISavedTensorHooks hooks, Func<Exception, bool> isExpected)
    {
        if (Errors.TryGetValue(hooks, out HookErrors? errors) && errors.Take() is { } failure && !isExpected(failure.Error))
        {
            throw new SavedTensorHookException(failure.Hook, failure.Error);
        }
    }

    /// <summary>Until the scope is disposed, what this thread computes within a hook goes through <paramref name="hooks"/> after all.</summary>
    internal static IDisposable UseInsideHook(ISavedTensorHooks hooks) => new InnerScope(hooks);

    internal static void Latch(ISavedTensorHooks hooks, string hook, Exception error) =>
        Errors.GetOrCreateValue(hooks).Put(hook, error);

    /// <summary>Turns hooks off on this thread while one of them runs, so that what it computes is not packed in turn.</summary>
    internal static void EnterHook() => _disabled++;

    internal static void LeaveHook() => _disabled--;

    private sealed class InnerScope : IDisposable
    {
        private readonly ISavedTensorHooks? _outer = _current;
        private readonly int _outerDisabled = _disabled;

        public InnerScope(ISavedTensorHooks hooks) => (_current, _disabled) = (hooks, 0);

        public void Dispose() => (_current, _disabled) = (_outer, _outerDisabled);
    }

    private sealed class Scope : IDisposable
    {
        private readonly ISavedTensorHooks? _outer = _current;
        private readonly int _thread = Environment.CurrentManagedThreadId;
        private bool _disposed;

        public Scope(ISavedTensorHooks hooks) => _current = hooks;

        public void Dispose()
        {
            if (_disposed)
            {
                return;
            }

            if (_thread != Environment.CurrentManagedThreadId)
            {
                throw new InvalidOperationException("a saved-tensor hooks scope must end on the thread that began it");
            }

            _disposed = true;
            _current = _outer;
        }
    }
}
