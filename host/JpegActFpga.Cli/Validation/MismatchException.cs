namespace JpegActFpga.Cli.Validation;

/// <summary>Two backends disagree, or the one under test failed. The message names the tensor, the place and both values.</summary>
internal sealed class MismatchException(string message) : Exception(message);

/// <summary>A test can't be run here. The message says why and what to do.</summary>
internal sealed class SkippedException(string message) : Exception(message);
