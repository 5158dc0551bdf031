namespace JpegActFpga.Cli.Validation;

/// <summary>How much a card is tried.</summary>
/// <param name="Seed">Seed of everything that is random.</param>
/// <param name="Quick">Fewer tensors.</param>
/// <param name="RandomBlocks">Blocks of random tensors, at least.</param>
/// <param name="DataFolder">Folder of Fashion-MNIST.</param>
internal sealed record ValidationOptions(int Seed, bool Quick, long RandomBlocks, string DataFolder);
