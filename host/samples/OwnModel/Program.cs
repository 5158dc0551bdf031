using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

TorchRuntime.EnsureLoaded();
manual_seed(1);

// A card, where an xclbin is named, and behind it the processor, which does what the card lacks or fails at.
string? xclbin = Environment.GetEnvironmentVariable("JPEGACT_XCLBIN");
await using ReopeningBackend? card = xclbin is null ? null : new(() => FpgaBackend.Open(new FpgaOptions { XclbinPath = xclbin }));
await using var processor = new CpuBackend();
ICodecBackend[] backends = card is null ? [processor] : [card, processor];

using var store = new HostMemoryStore();
using var engine = new OffloadEngine(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh)), backends, store);
var offload = new ActivationOffload(engine);

// Any model, optimiser and data.
using var model = Sequential(
    Conv2d(3, 16, 3, padding: 1), BatchNorm2d(16), ReLU(),
    Conv2d(16, 32, 3, stride: 2, padding: 1), BatchNorm2d(32), ReLU(),
    Flatten(), Linear(32 * 16 * 16, 10));
using var optimizer = optim.SGD(model.parameters(), learningRate: 0.01, momentum: 0.9);
using var images = randn(64, 3, 32, 32);
using var labels = randint(0, 10, 64);

for (int step = 1; step <= 10; step++)
{
    using var scope = NewDisposeScope();
    optimizer.zero_grad();
    Tensor loss;
    using (SavedTensorsHooks.Use(offload))
    {
        loss = cross_entropy(model.call(images), labels);
    }

    SavedTensorsHooks.Backward(loss, offload); // loss.backward(), with failures of the hooks thrown as exceptions
    optimizer.step();
    Console.WriteLine($"step {step}  loss {loss.item<float>():0.0000}");
}

foreach (MethodStatistics work in engine.Statistics.Methods)
{
    Console.WriteLine($"{work.Method.DisplayName()}: {work.Tensors} tensors, {work.TensorBytes} -> {work.FrameBytes} bytes, {work.Expansions} expanded, on {work.Device}");
}

foreach (FallbackStatistics fallback in engine.Statistics.Fallbacks)
{
    Console.WriteLine($"{fallback.From} -> {fallback.To}, {fallback.Count} times: {fallback.Cause}");
}
