using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Recomputation;

/// <summary>Neighbouring children of a <c>Sequential</c>, run again as one.</summary>
/// <param name="Name">Name of the first child; with more than one, of the last one too.</param>
/// <param name="Modules">The children, in order: each takes what the one before it gave.</param>
internal sealed record Segment(string Name, IReadOnlyList<Module<Tensor, Tensor>> Modules)
{
    /// <summary>Cuts a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="starts">Where segments may begin: see <see cref="ISegmentedModel.SegmentStarts"/>.</param>
    /// <param name="most">Most segments; neighbours are joined where there would be more.</param>
    /// <exception cref="ArgumentException">A name is unknown, or the names are not children of one Sequential in its order.</exception>
    internal static IReadOnlyList<Segment> Cut(Module<Tensor, Tensor> model, IReadOnlyList<string> starts, int most)
    {
        if (starts.Count == 0)
        {
            throw new ArgumentException("no name says where a segment may begin", nameof(starts));
        }

        string parent = starts[0].LastIndexOf('.') is var dot and >= 0 ? starts[0][..dot] : "";
        Module? sequence = parent.Length == 0 ? model : model.named_modules().FirstOrDefault(module => module.name == parent).module;
        if (sequence is not TorchSharp.Modules.Sequential)
        {
            throw new ArgumentException($"'{starts[0]}' is no child of a Sequential: only what runs one after the other can be cut into segments", nameof(starts));
        }

        (string Name, Module<Tensor, Tensor> Module)[] children =
            [.. sequence.named_children().Select(child => (parent.Length == 0 ? child.name : $"{parent}.{child.name}", (Module<Tensor, Tensor>)child.module))];
        int[] places = [.. starts.Select(start => Array.FindIndex(children, child => child.Name == start))];
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] < 0 || (i > 0 && places[i] <= places[i - 1]))
            {
                throw new ArgumentException($"'{starts[i]}' is no child of '{parent}', or comes before '{starts[Math.Max(0, i - 1)]}'", nameof(starts));
            }
        }

        int count = Math.Min(most, places.Length);
        int[] firsts = [.. Enumerable.Range(0, count).Select(i => places[(int)((long)i * places.Length / count)])];
        return [.. firsts.Select((first, i) => Of(children[first..(i + 1 < count ? firsts[i + 1] : children.Length)]))];
    }

    private static Segment Of((string Name, Module<Tensor, Tensor> Module)[] children) => new(
        children.Length == 1 ? children[0].Name : $"{children[0].Name}..{children[^1].Name[(children[^1].Name.LastIndexOf('.') + 1)..]}",
        [.. children.Select(child => child.Module)]);
}
