using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Fpga;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Cli.Backends;

/// <summary>The backends of a training job, in order of preference. This processor is always the last.</summary>
internal sealed class BackendSet : IAsyncDisposable
{
    private readonly IAsyncDisposable? _behind;

    /// <summary>Initializes a new instance of the <see cref="BackendSet"/> class.</summary>
    /// <param name="backends">The backends; disposed with the set.</param>
    /// <param name="description">What was chosen and why.</param>
    /// <param name="behind">What they need and none of them owns; disposed after them.</param>
    internal BackendSet(IReadOnlyList<ICodecBackend> backends, string description, IAsyncDisposable? behind = null)
    {
        _behind = behind;
        Backends = backends;
        Description = description;
    }

    /// <summary>Gets the backends.</summary>
    internal IReadOnlyList<ICodecBackend> Backends { get; }

    /// <summary>Gets a value indicating whether a card is among the backends.</summary>
    internal bool HasCard => Backends.Any(backend => backend.Capabilities.Name == FpgaBackend.ShortName);

    /// <summary>Gets what was chosen and why, for reports.</summary>
    internal string Description { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ICodecBackend backend in Backends)
        {
            await backend.DisposeAsync().ConfigureAwait(false);
        }

        if (_behind is not null)
        {
            await _behind.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Opens the backends; the caller disposes the set.</summary>
    /// <param name="choice">What the user wants.</param>
    /// <param name="card">The cards.</param>
    /// <exception cref="CliException">The card was demanded and can't be had.</exception>
    internal static async Task<BackendSet> OpenAsync(BackendChoice choice, CardSelection card)
    {
        var processor = new CpuBackend();
        if (choice == BackendChoice.Cpu)
        {
            return new BackendSet([processor], $"{processor.Capabilities.Device}, as --backend cpu demands");
        }

        var devices = new List<ICodecBackend>();
        try
        {
            foreach (int index in card.FindDevices())
            {
                // Opened anew when it was lost: a card may leave and come back during a training.
                devices.Add(new ReopeningBackend(() => card.Open(index)));
            }

            return new BackendSet([.. devices, processor], $"{string.Join(" and ", devices.Select(device => device.Capabilities.Device))}, {CardInventory.XrtName()}; methods that it lacks and what fails on it: {processor.Capabilities.Device}");
        }
        catch (CliException error)
        {
            foreach (ICodecBackend device in devices)
            {
                await device.DisposeAsync().ConfigureAwait(false);
            }

            if (choice != BackendChoice.Auto)
            {
                throw;
            }

            return new BackendSet([processor], $"{processor.Capabilities.Device}, because no card can be used: {ErrorText.OneLine(error.Message)}");
        }
    }
}
