using JpegActFpga.Training.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Loop;

/// <summary>
/// What a forward or backward pass changes for good: buffers of the model (running statistics of batch normalisation), torch's
/// generators (dropout) and gradients. Parameters and the optimiser's own state change in its step only, which a step that
/// is repeated never reached.
/// </summary>
internal sealed class StepState : IDisposable
{
    private readonly Module<Tensor, Tensor> _model;
    private readonly Tensor[] _buffers;
    private readonly Tensor[] _copies;
    private readonly DeviceType _where;
    private GeneratorStates? _generators;
    private bool _hadGradients;

    /// <summary>Initializes a new instance of the <see cref="StepState"/> class.</summary>
    /// <param name="model">The model; it keeps its buffers.</param>
    public StepState(Module<Tensor, Tensor> model)
    {
        _model = model;
        _where = model.parameters().Any(parameter => parameter.device_type == DeviceType.CUDA) ? DeviceType.CUDA : DeviceType.CPU;
        _buffers = [.. model.buffers()];
        _copies = [.. _buffers.Select(buffer => buffer.detach().clone().DetachFromDisposeScope())];
    }

    /// <summary>Keeps the state; call it before the forward pass.</summary>
    public void Save()
    {
        using IDisposable noGradients = no_grad();
        for (int i = 0; i < _buffers.Length; i++)
        {
            _copies[i].copy_(_buffers[i]);
        }

        _generators?.Dispose();
        _generators = GeneratorStates.Keep(_where);
        _hadGradients = _model.parameters().Any(parameter => parameter.grad is not null);
    }

    /// <summary>Puts the state back as it was kept.</summary>
    public void Restore()
    {
        using IDisposable noGradients = no_grad();
        for (int i = 0; i < _buffers.Length; i++)
        {
            _buffers[i].copy_(_copies[i]);
        }

        (_generators ?? throw new InvalidOperationException("nothing was kept")).Restore();

        // A first gradient is taken as it is, a later one is added to zeros: that is not the same for a negative zero.
        if (!_hadGradients)
        {
            _model.zero_grad(set_to_none: true);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _generators?.Dispose();
        foreach (Tensor copy in _copies)
        {
            copy.Dispose();
        }
    }
}
