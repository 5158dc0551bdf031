using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.SavedTensors;

public sealed class GraphLifetimeTests
{
    [Fact]
    public void A_retained_graph_gives_the_same_gradient_twice()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(5, requires_grad: true);
        CopyOutHooks hooks = new();
        Tensor loss;
        using (SavedTensorsHooks.Use(hooks))
        {
            loss = (x.exp() * x).sin().sum();
        }

        loss.backward(retain_graph: true);
        byte[] first = Gradients.Bytes(x.grad!);
        x.grad!.zero_();
        Assert.Equal(0, hooks.Released);
        loss.backward();
        Assert.Equal(first, Gradients.Bytes(x.grad!));
        Assert.Equal(hooks.Packed, hooks.Released);
        Assert.Equal(2 * hooks.Packed, hooks.Unpacked);
    }

    [Fact]
    public void A_graph_dropped_without_backward_releases_all()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("mixed");
        CopyOutHooks hooks = new();
        using (NewDisposeScope())
        {
            using (SavedTensorsHooks.Use(hooks))
            {
                _ = functional.cross_entropy(model.call(input), labels);
            }

            Assert.True(SavedTensorsHooks.HooksLive > 0);
        }

        Assert.Equal(0, SavedTensorsHooks.HooksLive);
        Assert.Equal(hooks.Packed, hooks.Released);
        Assert.Equal(0, hooks.Unpacked);
    }

    [Fact]
    public void Second_derivatives_go_through_hooks()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(5, requires_grad: true);
        CopyOutHooks hooks = new();
        Tensor second;
        using (SavedTensorsHooks.Use(hooks))
        {
            Tensor first = autograd.grad([x.pow(3).sum()], [x], create_graph: true)[0];
            second = autograd.grad([first.sum()], [x])[0];
        }

        SavedTensorsHooks.ThrowIfFailed(hooks);
        Assert.Equal(Gradients.Bytes(x.detach() * 6), Gradients.Bytes(second));
    }

    [Fact]
    public void Backward_may_run_on_another_thread()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("mixed");
        CopyOutHooks hooks = new();
        using (NewDisposeScope())
        {
            Tensor loss;
            using (SavedTensorsHooks.Use(hooks))
            {
                loss = functional.cross_entropy(model.call(input), labels);
            }

            Exception? error = null;
            Thread thread = new(() => error = Record.Exception(() => SavedTensorsHooks.Backward(loss, hooks)));
            thread.Start();
            thread.Join();
            Assert.Null(error);
        }

        Assert.Equal(hooks.Packed, hooks.Released);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Fact]
    public void Threads_have_their_own_hooks_and_errors()
    {
        Exception?[] errors = new Exception?[3];
        Thread[] threads = [.. Enumerable.Range(0, 3).Select(i => new Thread(() => errors[i] = Record.Exception(() => Work(i))))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        Assert.All(errors, Assert.Null);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);

        static void Work(int thread)
        {
            for (int i = 0; i < 20; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                CopyOutHooks hooks = new() { ThrowInUnpack = thread == 1 };
                Tensor x = randn(64, requires_grad: true);
                Tensor loss;
                using (thread == 0 ? null : SavedTensorsHooks.Use(hooks))
                {
                    loss = x.exp().sin().sum();
                }

                Exception? error = Record.Exception(() => SavedTensorsHooks.Backward(loss, hooks));
                Assert.Equal(thread == 1, error is SavedTensorHookException);
                Assert.Equal(thread != 0, hooks.Infos.Count > 0);
            }
        }
    }

    [Fact]
    public void Memory_held_between_forward_and_backward_really_falls()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("small-cnn", batch: 64);
        long plain = Held(null);
        long dropped = Held(new CopyOutHooks { DropData = true });
        const long distinctFloats = 64 * 56_448;
        Assert.InRange(plain, distinctFloats, distinctFloats * 2);
        Assert.InRange(dropped, 0, 64 * 8 * 1024); // the input batch and small change

        long Held(ISavedTensorHooks? hooks)
        {
            Tensor loss;
            long before = ProcessMemory.MallocLiveBytes();
            using (NewDisposeScope())
            using (hooks is null ? null : SavedTensorsHooks.Use(hooks))
            {
                loss = functional.cross_entropy(model.call(input), labels).MoveToOuterDisposeScope();
            }

            long held = ProcessMemory.MallocLiveBytes() - before;
            loss.backward();
            loss.Dispose();
            return held;
        }
    }

    [Fact]
    public void Training_survives_constant_garbage_collection()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("mixed", batch: 4);
        using TorchSharp.Modules.SGD optimizer = optim.SGD(model.parameters(), 0.01, 0.9);
        using CancellationTokenSource stop = new();
        Thread collector = new(() =>
        {
            while (!stop.Token.WaitHandle.WaitOne(3))
            {
                GC.Collect();
            }
        });
        collector.Start();
        CopyOutHooks hooks = new();
        float loss = float.NaN;
        try
        {
            for (int i = 0; i < 100; i++)
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor value;
                using (SavedTensorsHooks.Use(hooks))
                {
                    value = functional.cross_entropy(model.call(input), labels);
                }

                optimizer.zero_grad();
                SavedTensorsHooks.Backward(value, hooks);
                optimizer.step();
                loss = value.item<float>();
            }
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }

        Assert.InRange(loss, 0, 0.5f); // four images are learnt by heart
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }
}
