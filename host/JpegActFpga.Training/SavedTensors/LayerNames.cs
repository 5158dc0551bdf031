using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Knows which layer of a model runs at the moment, so that saved tensors can be told by layer. Follows modules from tensor to
/// tensor that are run by <c>call</c> (a direct call of <c>forward</c> goes unseen). Each thread has its own state.
/// </summary>
public sealed class LayerNames : IDisposable
{
    private readonly ThreadLocal<Stack<string>> _running = new(() => new Stack<string>());
    private readonly List<Action> _detach = [];

    /// <summary>Dotted name of the innermost layer that runs on this thread, empty for the model itself; null outside.</summary>
    public string? Current => _running.Value!.TryPeek(out string? name) ? name : null;

    /// <summary>Begins to follow a model's modules, until this object is disposed.</summary>
    public void Attach(Module<Tensor, Tensor> model)
    {
        ArgumentNullException.ThrowIfNull(model);
        foreach ((string name, Module module) in model.named_modules().Prepend(("", model)))
        {
            if (module is Module<Tensor, Tensor> layer)
            {
                Action<Module> enter = name.Length == 0 ? _ => Restart() : _ => _running.Value!.Push(name);
                _detach.Add(layer.register_forward_pre_hook(enter).remove);
                _detach.Add(layer.register_forward_hook((Action<Module>)(_ => _running.Value!.Pop())).remove);
            }
        }
    }

    /// <summary>Stops following.</summary>
    public void Dispose()
    {
        foreach (Action detach in _detach)
        {
            detach();
        }

        _detach.Clear();
        _running.Dispose();
    }

    /// <summary>The model begins anew: forget layers that an exception left before they ended.</summary>
    private void Restart()
    {
        _running.Value!.Clear();
        _running.Value!.Push("");
    }
}
